/**
 * What the inspector tells its page of the programs that are inspected, one after another: plain data, which goes as JSON. Each piece of
 * news has a number, one higher than the last; what is kept is bounded, so that the first numbers may be gone.
 *
 * They come as server-sent events from `inspected`. An event `start` comes before the first of them, and whenever the page must forget
 * what it has: the inspector was started again, or has no more of what the page missed. An event `skipped` says how many pieces of
 * news were gone before the page read them; what comes next has the present state all the same. An actor that is told of again is the same actor.
 */
export type News = Numbered & (ProgramNews | ActorNews | EventNews | SnapshotNews);

interface Numbered {
  readonly number: number;
  /** When the inspector heard of it, in ms since 1970. */
  readonly atMs: number;
  /** The program it comes from: the connections are counted from 1. */
  readonly program: number;
}

/** A program has come, or has gone; its actors stay as they were. */
export interface ProgramNews {
  readonly kind: 'program';
  readonly name: string;
  readonly isConnected: boolean;
  /** Whether events can be sent to its actors: only the inspector of this package takes any. */
  readonly takesEvents: boolean;
}

export interface ActorNews {
  readonly kind: 'actor';
  /** The actor's session id, which no other of its program has. */
  readonly actor: string;
  readonly parent: string | null;
  /** Its id in its parent, or the id of its machine. */
  readonly name: string;
  /** The chart it runs, by its name in the page's index; null for an actor that is no state machine, or one that cannot be drawn. */
  readonly chart: string | null;
  /** Why it has no chart, in one line, where it is a state machine. */
  readonly problem: string | null;
  /** As it is now, also where it is told of again. */
  readonly snapshot: ActorSnapshot;
}

export interface EventNews {
  readonly kind: 'event';
  readonly actor: string;
  /** Who sent it; null for one from outside of the actors. */
  readonly source: string | null;
  readonly event: ActorEvent;
}

export interface SnapshotNews {
  readonly kind: 'snapshot';
  readonly actor: string;
  /** The event that led here. */
  readonly event: ActorEvent;
  readonly snapshot: ActorSnapshot;
}

export interface ActorEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** As far as an actor has each of them. */
export interface ActorSnapshot {
  readonly status?: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** `POST send`, as JSON: an event for an actor of a program. */
export interface SentEvent {
  readonly program: number;
  readonly actor: string;
  readonly event: ActorEvent;
}
