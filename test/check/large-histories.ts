import type { FunctionName, HistoryEvent } from '../../src/check/history.ts';
import type { Key, Value } from '../../src/check/operation.ts';
import { randomFrom } from '../random-from.ts';

export interface LargeHistoryOptions {
  readonly seed: number;
  readonly operationCount: number;
  readonly clientCount: number;
  readonly keyCount: number;
  /** How often each function is called, in any unit. */
  readonly mix: Readonly<Partial<Record<FunctionName, number>>>;
  /** Values to draw from; absent: no value is written twice. */
  readonly valueCount?: number;
  /** Share of operations that end as info; half of them take effect, some of these much later. */
  readonly infoShare: number;
}

interface Call {
  readonly process: number;
  readonly invocation: HistoryEvent;
  result: { readonly value: Value; readonly isSuccess: boolean } | null;
}

/**
 * A history as a linearizable store would leave it: each operation takes effect at one moment between its
 * invocation and its completion. After an info the client goes on under a new process id, as in Jepsen.
 */
export const largeHistory = (options: LargeHistoryOptions): readonly HistoryEvent[] => {
  const { operationCount, clientCount, keyCount, infoShare } = options;
  const random = randomFrom(options.seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const functions = Object.entries(options.mix).flatMap(([f, share]) =>
    Array<string>(share).fill(f),
  ) as FunctionName[];
  const events: HistoryEvent[] = [];
  const store = new Map<Key, Value>();
  const calls: (Call | null)[] = Array<Call | null>(clientCount).fill(null);
  const processes = calls.map((_, client) => client);
  const late: Call[] = [];
  let invoked = 0;
  let written = 0;
  const valueToWrite = (): Value => (options.valueCount === undefined ? ++written : pick(options.valueCount));

  while (invoked < operationCount || calls.some((call) => call !== null)) {
    if (late.length > 0 && random() < 0.02) perform(late.splice(pick(late.length), 1)[0]!, store);
    const client = pick(clientCount);
    const call = calls[client] ?? null;
    const process = processes[client]!;
    if (call === null) {
      if (invoked === operationCount) continue;
      invoked += 1;
      const f = functions[pick(functions.length)]!;
      const key = `k${pick(keyCount)}`;
      const common = { process, type: 'invoke', f, key } as const;
      const invocation: HistoryEvent =
        f === 'write'
          ? { ...common, value: valueToWrite() }
          : f === 'append'
            ? { ...common, value: `${++written},` }
            : f === 'cas'
              ? { ...common, from: random() < 0.7 ? (store.get(key) ?? null) : pick(5), to: valueToWrite() }
              : common;
      events.push(invocation);
      calls[client] = { process, invocation, result: null };
    } else if (random() < infoShare / 2) {
      events.push({ process, type: 'info', f: call.invocation.f!, key: call.invocation.key! });
      if (call.result === null && random() < 0.2) late.push(call);
      calls[client] = null;
      processes[client] = process + clientCount;
    } else if (call.result === null) {
      perform(call, store);
    } else {
      events.push(completionOf(call));
      calls[client] = null;
    }
  }
  return events;
};

/**
 * Makes the first read completed after `share` of the history return what an earlier read of its key saw, one
 * that ended before another read, of another value, ended before this one began. Where no value is written
 * twice, no order explains that. Returns the 1-based position of the forged event too.
 */
export const withStaleRead = (
  events: readonly HistoryEvent[],
  share: number,
): { readonly events: readonly HistoryEvent[]; readonly position: number } => {
  const invokedAt = new Map<unknown, number>();
  const seen = new Map<Key, { value: Value; at: number }[]>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'invoke') invokedAt.set(event.process, index);
    if (event.type !== 'ok' || event.f !== 'read') continue;
    const earlier = (seen.get(event.key!) ?? []).filter(({ at }) => at < invokedAt.get(event.process)!);
    const newest = earlier.at(-1);
    const stale = earlier.findLast(({ value }) => value !== newest?.value && value !== event.value);
    if (index > share * events.length && stale !== undefined) {
      return { events: events.with(index, { ...event, value: stale.value }), position: index + 1 };
    }
    seen.set(event.key!, [...(seen.get(event.key!) ?? []), { value: event.value!, at: index }]);
  }
  throw new Error('no read to forge');
};

const perform = (call: Call, store: Map<Key, Value>): void => {
  const { f, key, value, from, to } = call.invocation;
  const before = store.get(key!) ?? null;
  const isSuccess = f !== 'cas' || before === from;
  if (f === 'write') store.set(key!, value!);
  if (f === 'delete') store.set(key!, null);
  if (f === 'append') store.set(key!, `${before ?? ''}${value}`);
  if (f === 'cas' && isSuccess) store.set(key!, to!);
  call.result = { value: before, isSuccess };
};

const completionOf = ({ process, invocation, result }: Call): HistoryEvent => {
  const { f, key } = invocation;
  if (f === 'read') return { process, type: 'ok', f, key: key!, value: result!.value };
  if (f === 'delete') return { process, type: 'ok', f, key: key!, existed: result!.value !== null };
  return { process, type: result!.isSuccess ? 'ok' : 'fail', f: f!, key: key! };
};
