/** What a key holds; null is an absent key. Values are equal if they are of one type and the same. */
export type Value = string | number | boolean | null;
export type Key = string | number;
export type ProcessId = string | number;

export type EventType = 'invoke' | 'ok' | 'fail' | 'info';

/** How an operation ended: `info` means that the outcome is unknown, which includes that no completion was recorded. */
export type Outcome = 'ok' | 'fail' | 'info';

export interface Operation {
  readonly process: ProcessId;
  readonly f: string;
  readonly key: Key;
  /** A write's or an append's argument, an ok read's result; null otherwise. */
  readonly value: Value;
  /** A cas's; null otherwise. */
  readonly from: Value;
  readonly to: Value;
  /** Whether an ok delete found a value; null: it is another operation, or the client was not told. */
  readonly existed: boolean | null;
  readonly outcome: Outcome;
  /** Position of the invocation: 1-based, the line of a file or the event of an array. */
  readonly invokedAt: number;
  /** Position of the completion; Infinity if the history ends before. */
  readonly completedAt: number;
  /** Where `f` and the values do not tell: what it does to its key, as far as is known while it is open, and once it has ended. */
  readonly effects?: { readonly open: Effect | null; readonly ended: Effect | null };
  /** Likewise: what was called, and what came of it. */
  readonly text?: string;
}

/** What an operation that takes effect does to its key, or demands of it. */
export type Effect =
  /** Demands this very value: a read, or a cas to the same value. Changes nothing. */
  | { readonly kind: 'is'; readonly value: Value }
  /** Demands another value: a failed cas. Changes nothing. */
  | { readonly kind: 'isNot'; readonly value: Value }
  | { readonly kind: 'set'; readonly to: Value }
  /** Demands that there is a value, and leaves null: a delete that found one. */
  | { readonly kind: 'remove' }
  | { readonly kind: 'swap'; readonly from: Value; readonly to: Value }
  | { readonly kind: 'append'; readonly suffix: string };

/** A history that cannot be read; `message` is one line and starts with the place. */
export class UnreadableHistory extends Error {
  readonly position: number;
  readonly problem: string;
  constructor(position: number, problem: string, place = `line ${position}`) {
    super(`${place}: ${problem}`);
    this.name = 'UnreadableHistory';
    this.position = position;
    this.problem = problem;
  }
}
