/** An expectation of a story, or a safety property, that did not hold; `message` is one line. */
export class StoryFailed extends Error {
  override readonly name = 'StoryFailed';
}
