/** A claim that an event never gets to a state's branches. An enumeration checks it against the chart. */
export interface Claim {
  readonly state: string;
  readonly event: string;
  /** Only this branch, as `model.ts` calls it; absent: all of them, and that none takes it. */
  readonly branch?: string;
  readonly reason: string;
  /** The chart raises it itself, so it is never given: that it was never raised here is what is claimed. */
  readonly isRaised?: boolean;
}

/** What a chart did when it was enumerated: every state of a bounded space, given every event of that space. */
export interface Evidence {
  /** What was enumerated, such as `3 voters, terms up to 2: 1546 states × 190 events`. */
  readonly extent: string;
  /** False if a limit was reached: what was not seen may still exist, so nothing is excluded by it. */
  readonly isComplete: boolean;
  /** Items that were taken. */
  readonly taken: ReadonlySet<string>;
  /** The same, space by space: what one of them lacks, it cannot show. */
  readonly takenIn: readonly ReadonlySet<string>[];
  /** Items that were ever the last of their step: something from outside may come next. */
  readonly lasts: ReadonlySet<string>;
  /** Pairs that followed each other within one step. */
  readonly pairs: ReadonlySet<string>;
  /** Events that were given, by `state · type`: as its trigger calls them. */
  readonly given: ReadonlySet<string>;
}
