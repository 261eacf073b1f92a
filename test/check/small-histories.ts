import fc from 'fast-check';
import type { FunctionName, HistoryEvent } from '../../src/check/history.ts';
import type { Key, ProcessId, Value } from '../../src/check/operation.ts';

/** What happens next in a small history. `liar` makes a result up; otherwise a store that works gives it. */
interface Move {
  readonly client: number;
  readonly f: FunctionName;
  readonly key: number;
  readonly value: number;
  readonly other: number;
  readonly takesEffectAt: 'invocation' | 'completion' | 'never';
  readonly outcome: 'ok' | 'info' | 'fail' | 'none';
  readonly isLie: boolean;
  /** Of a delete: whether the client is told if there was something. */
  readonly isTold: boolean;
}

const pick = <T>(...weighted: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const functionMixes: readonly fc.Arbitrary<FunctionName>[] = [
  pick([3, 'read'], [3, 'write'], [3, 'cas'], [1, 'append'], [1, 'delete']),
  pick([3, 'read'], [3, 'write'], [0, 'cas']),
  pick([2, 'read'], [2, 'write'], [4, 'cas']),
  pick([3, 'read'], [3, 'append'], [1, 'delete']),
  pick([1, 'read'], [2, 'write'], [2, 'cas'], [4, 'delete']),
  pick([1, 'read'], [3, 'append'], [3, 'delete'], [1, 'cas']),
  pick([1, 'read'], [1, 'write'], [4, 'cas'], [2, 'append']),
  pick([1, 'read'], [3, 'append'], [3, 'cas']),
];

const movesOf = (mix: fc.Arbitrary<FunctionName>): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.record({
      client: fc.integer({ min: 0, max: 3 }),
      f: mix,
      key: pick([5, 0], [1, 1]),
      value: fc.integer({ min: 0, max: values.length - 1 }),
      other: fc.integer({ min: 0, max: values.length - 1 }),
      takesEffectAt: pick([3, 'invocation'], [3, 'completion'], [1, 'never']),
      outcome: pick([7, 'ok'], [3, 'info'], [1, 'fail'], [1, 'none']),
      isLie: pick([9, false], [1, true]),
      isTold: pick([3, true], [1, false]),
    }) as fc.Arbitrary<Move>,
    { minLength: 4, maxLength: 16 },
  );

const values: readonly Value[] = ['a', 'b', 'ab', 'c', null];

/** Well-formed histories of up to eight operations by four clients; about half of them linearizable. */
export const smallHistory: fc.Arbitrary<readonly HistoryEvent[]> = fc
  .oneof(...functionMixes.map(movesOf))
  .map((moves) => eventsOf(moves));

interface Open {
  readonly event: HistoryEvent;
  readonly move: Move;
  /** The result, once it has taken effect. */
  result: { value: Value; isSuccess: boolean } | null;
}

const eventsOf = (moves: readonly Move[]): readonly HistoryEvent[] => {
  const events: HistoryEvent[] = [];
  const store = new Map<Key, Value>();
  const open = new Map<ProcessId, Open>();
  for (const move of moves) {
    const own = open.get(move.client);
    if (own === undefined) {
      const event = invocationOf(move);
      events.push(event);
      const result = move.takesEffectAt === 'invocation' ? perform(event, store) : null;
      open.set(move.client, { event, move, result });
      continue;
    }
    if (move.outcome === 'none') continue;
    if (own.result === null && own.move.takesEffectAt === 'completion')
      own.result = perform(own.event, store);
    events.push(completionOf(own, move));
    open.delete(move.client);
  }
  return events;
};

const invocationOf = ({ client, f, key, value, other }: Move): HistoryEvent => {
  const common = { process: client, type: 'invoke', f, key: `k${key}` } as const;
  if (f === 'write') return { ...common, value: values[value]! };
  if (f === 'append') return { ...common, value: ['x', 'y', '', 'b', 'c'][value]! };
  return f === 'cas' ? { ...common, from: values[value]!, to: values[other]! } : common;
};

const perform = ({ f, key, value, from, to }: HistoryEvent, store: Map<Key, Value>) => {
  const before = store.get(key!) ?? null;
  const isSuccess = f !== 'cas' || before === from;
  if (f === 'write') store.set(key!, value!);
  if (f === 'delete') store.set(key!, null);
  if (f === 'append') store.set(key!, `${before ?? ''}${value}`);
  if (f === 'cas' && isSuccess) store.set(key!, to!);
  return { value: before, isSuccess };
};

const completionOf = ({ event, result }: Open, { outcome, isLie, isTold, value }: Move): HistoryEvent => {
  const { process, f, key } = event;
  if (outcome !== 'ok') return { process, type: outcome === 'none' ? 'info' : outcome, f: f!, key: key! };
  if (f === 'read') {
    return {
      process,
      type: 'ok',
      f,
      key: key!,
      value: isLie || result === null ? values[value]! : result.value,
    };
  }
  if (f === 'delete' && isTold) {
    const existed = (result !== null && result.value !== null) !== isLie;
    return { process, type: 'ok', f, key: key!, existed };
  }
  const isSuccess = (result?.isSuccess ?? true) !== isLie;
  return { process, type: f === 'cas' && !isSuccess ? 'fail' : 'ok', f: f!, key: key! };
};
