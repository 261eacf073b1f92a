import type { Facts } from './facts.ts';

/** How much a finding weighs: an error makes `raftchart lint` exit with 1. */
export type Severity = 'error' | 'warning' | 'info';

export const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** What a rule finds, before it is known how much that weighs and where it is written. */
export interface Problem {
  /** The id of the state that it is about. */
  readonly state: string;
  /** The id of the transition that it is about, as the model calls it; left out for none. */
  readonly transition?: string;
  /** One sentence or two: what is wrong, by the names of the chart, and what to do. */
  readonly message: string;
  /** Where it weighs less than the rule says. */
  readonly severity?: Severity;
}

/** A rule about charts: docs/lint.md has a section of its name. */
export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  /** What it finds, as one sentence. */
  readonly description: string;
  readonly check: (facts: Facts) => readonly Problem[];
}

/** A line of a file. */
export interface Place {
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
}

/** Something wrong with a chart, as plain data. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The id of a state; null for the chart as a whole. */
  readonly state: string | null;
  /** The id of a transition; null for none. */
  readonly transition: string | null;
  readonly place: Place | null;
}
