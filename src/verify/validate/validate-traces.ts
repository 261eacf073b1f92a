import type { NodeId } from '../../raft/types.ts';
import type { TimedEvent } from '../../trace/events.ts';
import type { Rejection } from './rejection.ts';
import {
  TraceValidator,
  Unreplayable,
  type ValidationFigures,
  type ValidationOptions,
} from './trace-validator.ts';

/** An event with the place where it stands. */
export interface PlacedEvent {
  readonly event: TimedEvent;
  /** The line of its trace, from 1 on. */
  readonly line: number;
}

/** A trace: of a whole cluster in the order in which things happened, or of one node. */
export interface TraceSource {
  readonly name: string;
  /** Whose events it tells; undefined: of the whole cluster. */
  readonly node?: NodeId;
  readonly events: Iterator<PlacedEvent>;
}

export interface Verdict {
  readonly figures: ValidationFigures;
  /** Null: every event is allowed. */
  readonly rejected: {
    readonly source: string;
    readonly line: number;
    readonly atMs: number;
    readonly rejection: Rejection;
  } | null;
}

interface Reading {
  readonly source: TraceSource;
  /** Null: it is at its end. */
  next: PlacedEvent | null;
}

/**
 * Replays traces on the chart. Those of several nodes are merged by causality: a message is handled after it was sent. Throws `Unreplayable` for what is no event.
 */
export const validateTraces = (sources: readonly TraceSource[], options: ValidationOptions = {}): Verdict => {
  const nodes = sources.flatMap(({ node }) => (node === undefined ? [] : [node]));
  const validator = new TraceValidator({ ...(nodes.length === 0 ? {} : { nodes }), ...options });
  const readings = sources.map((source): Reading => ({ source, next: nextOf(source) }));
  for (;;) {
    const open = readings.filter(({ next }) => next !== null);
    if (open.length === 0) return { figures: validator.figures, rejected: null };
    const ready = open.length === 1 ? open[0]! : firstOf(open, validator);
    const { source, next } = ready;
    const { event, line } = next!;
    const rejection = taken(validator, event, `${source.name}:${line}`);
    if (rejection !== null) {
      return {
        figures: validator.figures,
        rejected: { source: source.name, line, atMs: event.atMs, rejection },
      };
    }
    ready.next = nextOf(source);
    if (ready.next === null && source.node !== undefined) validator.ended(source.node);
  }
};

const taken = (validator: TraceValidator, event: TimedEvent, place: string): Rejection | null => {
  try {
    return validator.take(event);
  } catch (error) {
    if (error instanceof Unreplayable)
      throw new Unreplayable(`${place} cannot be replayed: ${error.message}`);
    throw error;
  }
};

/** Where all wait for one another, one of them may go on without a line that is lost; if none may, the first one will be told why. */
const firstOf = (open: readonly Reading[], validator: TraceValidator): Reading => {
  const waits = open.map((reading) => ({ reading, for: validator.waitsFor(reading.next!.event) }));
  const found =
    waits.find((each) => each.for === 'nothing') ?? waits.find((each) => each.for === 'lost') ?? waits[0]!;
  return found.reading;
};

const nextOf = ({ events }: TraceSource): PlacedEvent | null => {
  const { value, done } = events.next();
  return done === true ? null : value;
};
