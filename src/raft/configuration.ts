import type { LogIndex, NodeId } from './types.ts';

/** The members of the cluster as of the log entry at `index`; index 0 stands for those it was started with. */
export interface Configuration {
  readonly index: LogIndex;
  /** Ascending. */
  readonly voters: readonly NodeId[];
}

/** The configuration in force: the latest in the log, committed or not. Thesis §4.1. */
export const currentConfiguration = (configurations: readonly Configuration[]): Configuration =>
  configurations[configurations.length - 1]!;
