/** That an event never gets to a state's branches. A check holds it against the chart. */
export interface Claim {
  readonly state: string;
  readonly event: string;
  readonly reason: string;
}

/** What a chart did when it was given, in many states, everything that could happen to it next. */
export interface Evidence {
  /** Items that were taken, and how often. */
  readonly taken: ReadonlyMap<string, number>;
  /** Items that were ever the last of their step: something from outside may come next. */
  readonly lasts: ReadonlySet<string>;
  /** Pairs that followed each other within one step. */
  readonly pairs: ReadonlySet<string>;
  /** Events that were tried, by `state · type`: a message's type, or the event's. */
  readonly tries: ReadonlyMap<string, number>;
}

/** So often something must have been tried before it counts that it, or what would follow, never happens. */
export const minTries = 100;
