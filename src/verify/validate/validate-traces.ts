import type { NodeId } from '../../raft/types.ts';
import type { TimedEvent } from '../../trace/events.ts';
import {
  type ObservedFigures,
  type ObservedLine,
  type ObservedOptions,
  ObservedValidator,
} from './observed-validator.ts';
import { type Rejection, Unreplayable } from './rejection.ts';
import { TraceValidator, type ValidationFigures, type ValidationOptions } from './trace-validator.ts';

/** An event with the place where it stands. */
export interface Placed<Event> {
  readonly event: Event;
  /** The line of its trace, from 1 on. */
  readonly line: number;
}

/** A trace: of a whole cluster in the order in which things happened, or of one node. */
export interface TraceSource<Event = TimedEvent> {
  readonly name: string;
  /** Whose events it tells; undefined: of the whole cluster. */
  readonly node?: NodeId;
  readonly events: Iterator<Placed<Event>>;
}

/** Where a trace is rejected, and why. */
export interface PlacedRejection<Event> {
  readonly source: string;
  readonly line: number;
  readonly event: Event;
  readonly rejection: Rejection;
}

export interface Verdict {
  readonly figures: ValidationFigures;
  /** Null: every event is allowed. */
  readonly rejected: PlacedRejection<TimedEvent> | null;
}

export interface ObservedVerdict {
  readonly figures: ObservedFigures;
  readonly rejected: PlacedRejection<ObservedLine> | null;
}

interface Reading<Event> {
  readonly source: TraceSource<Event>;
  /** Null: it is at its end. */
  next: Placed<Event> | null;
}

/** What judges events one after another. */
interface Judge<Event> {
  /** Whether an event of another trace should come first; `lost`: there may be none that tells of it. */
  waitsFor(event: Event): 'nothing' | 'sent' | 'lost';
  ended(node: NodeId): void;
  take(event: Event): Rejection | null;
}

/**
 * Replays traces on the chart. Those of several nodes are merged by causality: a message is handled after it was sent. Throws `Unreplayable` for what is no event.
 */
export const validateTraces = (sources: readonly TraceSource[], options: ValidationOptions = {}): Verdict => {
  const validator = new TraceValidator({ ...nodesOf(sources), ...options });
  const rejected = replay(sources, validator);
  return { figures: validator.figures, rejected };
};

/** The same for what was seen of other implementations. */
export const validateObserved = (
  sources: readonly TraceSource<ObservedLine>[],
  options: ObservedOptions = {},
): ObservedVerdict => {
  const validator = new ObservedValidator({ ...nodesOf(sources), ...options });
  const rejected = replay(sources, validator);
  return { figures: validator.figures, rejected };
};

const nodesOf = (sources: readonly TraceSource<unknown>[]): { readonly nodes?: readonly NodeId[] } => {
  const nodes = sources.flatMap(({ node }) => (node === undefined ? [] : [node]));
  return nodes.length === 0 ? {} : { nodes };
};

const replay = <Event>(
  sources: readonly TraceSource<Event>[],
  judge: Judge<Event>,
): PlacedRejection<Event> | null => {
  const readings = sources.map((source): Reading<Event> => ({ source, next: nextOf(source) }));
  for (;;) {
    const open = readings.filter(({ next }) => next !== null);
    if (open.length === 0) return null;
    const ready = open.length === 1 ? open[0]! : firstOf(open, judge);
    const { source, next } = ready;
    const { event, line } = next!;
    const rejection = taken(judge, event, `${source.name}:${line}`);
    if (rejection !== null) return { source: source.name, line, event, rejection };
    ready.next = nextOf(source);
    if (ready.next === null && source.node !== undefined) judge.ended(source.node);
  }
};

const taken = <Event>(judge: Judge<Event>, event: Event, place: string): Rejection | null => {
  try {
    return judge.take(event);
  } catch (error) {
    if (error instanceof Unreplayable)
      throw new Unreplayable(`${place} cannot be replayed: ${error.message}`);
    throw error;
  }
};

/** Where all wait for one another, one of them may go on without a line that is lost; if none may, the first one will be told why. */
const firstOf = <Event>(open: readonly Reading<Event>[], judge: Judge<Event>): Reading<Event> => {
  const waits = open.map((reading) => ({ reading, for: judge.waitsFor(reading.next!.event) }));
  const found =
    waits.find((each) => each.for === 'nothing') ?? waits.find((each) => each.for === 'lost') ?? waits[0]!;
  return found.reading;
};

const nextOf = <Event>({ events }: TraceSource<Event>): Placed<Event> | null => {
  const { value, done } = events.next();
  return done === true ? null : value;
};
