/** A story cannot be played, or shows what must never happen: one line that says what is wrong. */
export class StoryFailed extends Error {}
