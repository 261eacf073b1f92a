import type { NodeId } from '../../raft/types.ts';

/** A rule of the chart, as far as a rejection names it. */
export interface NearRule {
  /** Of the transition: `source/trigger/branch`. */
  readonly id: string;
  readonly description: string | null;
  readonly rule: string | null;
}

/** The first event of a trace that no rule allows. */
export interface Rejection {
  /** Null: it concerns none alone. */
  readonly node: NodeId | null;
  /** Of the step of the chart; null: it is none. */
  readonly step: number | null;
  /** What was observed, in words. */
  readonly observed: string;
  /** Why no rule allows it: a line each. */
  readonly reasons: readonly string[];
  /** What the chart does there; null: nothing that is a rule of it. */
  readonly nearest: NearRule | null;
}

/** Thrown by what finds that an event cannot be. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
  readonly reasons: readonly string[];
  readonly nearest: NearRule | null;

  constructor(reasons: readonly string[], nearest: NearRule | null = null) {
    super(reasons.join('; '));
    this.reasons = reasons;
    this.nearest = nearest;
  }
}

/** An event that is none, or tells too little to be judged: it lacks what an event of its type has. */
export class Unreplayable extends Error {
  override readonly name = 'Unreplayable';
}
