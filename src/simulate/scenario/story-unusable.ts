/** A story that cannot be played as it is written; `message` is one line that names the remedy. */
export class StoryUnusable extends Error {
  override readonly name = 'StoryUnusable';
}
