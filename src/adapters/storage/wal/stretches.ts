/** Work on a segment that is done in stretches of a few milliseconds: after each but the last one it yields how much of the segment is done, from 0 to 1. */
export type Stretches<Result> = Generator<number, Result>;

/** About how many bytes are worked through in one stretch. */
export const stretchBytes = 1024 * 1024;

/** Told how far a reading has come, from 0 to 1. It goes on once this resolves, and ends with what it rejects with. */
export type WhileReading = (share: number) => Promise<void>;

/** Does `work` to its end; `between` is called after each stretch, null: never. */
export const done = async <Result>(
  work: Stretches<Result>,
  between: WhileReading | null,
): Promise<Result> => {
  let stretch = work.next();
  while (stretch.done !== true) {
    if (between !== null) await between(stretch.value);
    stretch = work.next();
  }
  return stretch.value;
};
