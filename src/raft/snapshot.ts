import type { Configuration } from './configuration.ts';
import type { LogIndex, Term } from './types.ts';

/** What a snapshot stands for: the log up to an entry. */
export interface Snapshot {
  /** 0 and 0 without a snapshot. */
  readonly index: LogIndex;
  readonly term: Term;
  /** That in force at `index`. */
  readonly configuration: Configuration;
}
