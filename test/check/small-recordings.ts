import fc from 'fast-check';
import type { EventType, ProcessId } from '../../src/check/operation.ts';
import type { RecordedEvent } from '../../src/check/recording.ts';

/** What a kind of object does, said a second time: shares nothing with `src/check/`. */
export interface Sequential {
  readonly initial: unknown;
  /** The result of an input in a state, and the state after it; null where the input has to wait. */
  perform(state: unknown, input: Fields): { readonly state: unknown; readonly result: unknown } | null;
  /** Inputs to draw from. */
  readonly inputs: readonly Fields[];
  /** Results to lie with. */
  readonly lies: readonly unknown[];
  /** A completion, from its input and its result. */
  complete(input: Fields, result: unknown): Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

interface Move {
  readonly client: number;
  readonly input: number;
  readonly lie: number;
  readonly isLie: boolean;
  readonly outcome: 'ok' | 'fail' | 'info' | 'none';
  readonly takesEffectAt: 'invocation' | 'completion' | 'never';
}

const pick = <T>(...weighted: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

/** Well-formed recordings of a few operations by four clients, some with results that are made up. */
export const smallRecording = (sequential: Sequential): fc.Arbitrary<readonly RecordedEvent[]> => {
  const move: fc.Arbitrary<Move> = fc.record({
    client: fc.integer({ min: 0, max: 3 }),
    input: fc.integer({ min: 0, max: sequential.inputs.length - 1 }),
    lie: fc.integer({ min: 0, max: Math.max(sequential.lies.length - 1, 0) }),
    isLie: pick([9, false], [1, true]),
    outcome: pick([8, 'ok' as const], [1, 'fail' as const], [2, 'info' as const], [1, 'none' as const]),
    takesEffectAt: pick([3, 'invocation' as const], [3, 'completion' as const], [1, 'never' as const]),
  });
  return fc.array(move, { minLength: 4, maxLength: 14 }).map((moves) => eventsOf(moves, sequential));
};

const eventsOf = (moves: readonly Move[], sequential: Sequential): readonly RecordedEvent[] => {
  const events: RecordedEvent[] = [];
  const open = new Map<ProcessId, { input: Fields; move: Move; done: { result: unknown } | null }>();
  let { initial: state } = sequential;
  const add = (process: ProcessId, type: EventType, data: unknown): void => {
    events.push({ process, type, data, position: events.length + 1 });
  };
  const perform = (input: Fields): { result: unknown } | null => {
    const performed = sequential.perform(state, input);
    if (performed !== null) state = performed.state;
    return performed;
  };
  for (const move of moves) {
    const own = open.get(move.client);
    if (own === undefined) {
      const input = sequential.inputs[move.input]!;
      add(move.client, 'invoke', input);
      open.set(move.client, {
        input,
        move,
        done: move.takesEffectAt === 'invocation' ? perform(input) : null,
      });
      continue;
    }
    if (move.outcome === 'none') continue;
    if (own.done === null && own.move.takesEffectAt === 'completion') own.done = perform(own.input);
    open.delete(move.client);
    // A cas that failed tells something; test/check/small-histories.ts has those.
    if (move.outcome === 'fail' && own.input.f === 'cas') add(move.client, 'info', own.input);
    else if (move.outcome !== 'ok') add(move.client, move.outcome, own.input);
    else {
      const result = move.isLie || own.done === null ? sequential.lies[move.lie] : own.done.result;
      add(move.client, 'ok', sequential.complete(own.input, result));
    }
  }
  return events;
};

/** Where the shortest prefix ends that no order explains; null if there is none. Tries every order of every choice of open operations. */
export const shortestUnexplained = (
  events: readonly RecordedEvent[],
  sequential: Sequential,
): number | null => {
  for (let length = 1; length <= events.length; length += 1) {
    if (!hasOrder(events.slice(0, length), sequential)) return length;
  }
  return null;
};

interface Candidate {
  readonly process: ProcessId;
  readonly input: Fields;
  /** Undefined while nobody knows. */
  output: unknown;
  isFailed: boolean;
  readonly start: number;
  end: number;
}

const hasOrder = (events: readonly RecordedEvent[], sequential: Sequential): boolean => {
  const all: Candidate[] = [];
  for (const { process, type, data, position } of events) {
    if (type === 'invoke') {
      const end = Number.POSITIVE_INFINITY;
      all.push({ process, input: data as Fields, output: undefined, isFailed: false, start: position, end });
      continue;
    }
    const own = all.findLast((each) => each.process === process)!;
    if (type === 'fail') own.isFailed = true;
    if (type === 'ok') Object.assign(own, { output: data, end: position });
  }
  return canFinish(
    all.filter(({ isFailed }) => !isFailed),
    sequential.initial,
    sequential,
  );
};

const canFinish = (remaining: readonly Candidate[], state: unknown, sequential: Sequential): boolean => {
  if (remaining.every(({ end }) => end === Number.POSITIVE_INFINITY)) return true;
  const firstEnd = Math.min(...remaining.map(({ end }) => end));
  return remaining.some((next) => {
    if (next.start > firstEnd) return false;
    const performed = sequential.perform(state, next.input);
    if (performed === null) return false;
    if (next.output !== undefined) {
      const expected = sequential.complete(next.input, performed.result);
      if (JSON.stringify(expected) !== JSON.stringify(next.output)) return false;
    }
    return canFinish(
      remaining.filter((other) => other !== next),
      performed.state,
      sequential,
    );
  });
};
