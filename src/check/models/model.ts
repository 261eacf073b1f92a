import type { Key } from '../operation.ts';

/**
 * A sequential specification: what each operation does to an object when nothing else happens at the same time. It is asked in any order
 * and often, so it must answer the same each time, and change nothing that it is given (states are frozen). docs/histories.md
 */
export interface Model<State = unknown, Input = unknown, Output = unknown> {
  /** The state at the beginning, or what makes it. */
  readonly init: State | (() => State);
  /**
   * Whether `input` can give `output` in `state`, and the state after it. `output` is undefined where nobody knows it: say ok if any output
   * is possible.
   */
  step(
    state: State,
    input: Input,
    output: Output | undefined,
  ): { readonly ok: boolean; readonly state: State };
  /** What an operation is about, if operations on different ones have nothing to do with each other. */
  partition?(input: Input): Key;
  /** Whether two states are the same; deep equality by default. */
  equal?(a: State, b: State): boolean;
  /** Whether an operation that gives `output` changes no state whatever. Not needed, but it spares a lot of work. */
  isReadOnly?(input: Input, output: Output | undefined): boolean;
  /** An operation in words. */
  describe?(input: Input, output: Output | undefined): string;
  describeState?(state: State): string;
}

/** A model that throws or has another form than `Model`; `message` is one line. */
export class UnusableModel extends Error {
  override readonly name = 'UnusableModel';
}
