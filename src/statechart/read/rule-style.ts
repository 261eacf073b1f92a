/** How the sources of rules (`meta.rule`) are written where space is short. Supplied by the caller that draws a chart and knows its books. */
export interface RuleStyle {
  /** A source in short. */
  readonly shorten: (rule: string) => string;
  /** What a reader has to know to understand the short forms of these sources; empty if nothing. */
  readonly noteOn: (rules: readonly string[]) => string;
}

/** For charts of which nothing is known: a source is written as it is. */
export const plainRules: RuleStyle = { shorten: (rule) => rule, noteOn: () => '' };
