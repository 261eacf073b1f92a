/** What was walked of a universe. */
export interface Walked {
  /** Ids of items and how often each was walked. */
  readonly items: ReadonlyMap<string, number>;
  readonly pairs: ReadonlySet<string>;
  /** Items that the universe does not have: the record was made with another chart. */
  readonly unknown: ReadonlySet<string>;
}
