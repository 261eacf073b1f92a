import type { EventType } from '../../src/check/operation.ts';
import type { RecordedEvent } from '../../src/check/recording.ts';
import { randomFrom } from '../random-from.ts';
import { performed, type Shown, type Store } from './plain-store.ts';
import type { Fields } from './small-recordings.ts';

export interface LargeTxnOptions {
  readonly seed: number;
  readonly operationCount: number;
  readonly clientCount: number;
  readonly keyCount: number;
  readonly txnShare: number;
  /** Share of operations that end as info; about half of them take effect. */
  readonly infoShare: number;
  readonly shown: Shown;
  /** Whether each answer tells the store's revision. */
  readonly tellsRevision?: boolean;
}

interface Call {
  readonly process: number;
  readonly input: Fields;
  result: Fields | null;
}

/** A history as a linearizable store of several keys would leave it: no value is written twice. */
export const largeTxnHistory = (options: LargeTxnOptions): readonly RecordedEvent[] => {
  const { operationCount, clientCount, infoShare, shown } = options;
  const random = randomFrom(options.seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const events: RecordedEvent[] = [];
  const calls: (Call | null)[] = Array<Call | null>(clientCount).fill(null);
  const processes = calls.map((_, client) => client);
  let store: Store = { revision: 1, pairs: {} };
  let invoked = 0;
  const tell = (process: number, type: EventType, data: Fields): void => {
    events.push({ process, type, data, position: events.length + 1 });
  };
  while (invoked < operationCount || calls.some((call) => call !== null)) {
    const client = pick(clientCount);
    const process = processes[client]!;
    const call = calls[client] ?? null;
    if (call === null) {
      if (invoked === operationCount) continue;
      invoked += 1;
      const input = inputOf(invoked, store, options, random);
      tell(process, 'invoke', input);
      calls[client] = { process, input, result: null };
    } else if (random() < infoShare / 2) {
      tell(process, 'info', { f: call.input.f });
      calls[client] = null;
      processes[client] = process + clientCount;
    } else if (call.result === null) {
      const done = performed(store, call.input, shown);
      store = done.state;
      call.result = options.tellsRevision ? { ...done.result, revision: store.revision } : done.result;
    } else {
      tell(process, 'ok', { f: call.input.f, ...call.result });
      calls[client] = null;
    }
  }
  return events;
};

const inputOf = (
  nth: number,
  { pairs }: Store,
  { keyCount, txnShare }: LargeTxnOptions,
  random: () => number,
): Fields => {
  const key = (): string => `k${Math.floor(random() * keyCount)}`;
  const kind = random();
  if (kind < txnShare) {
    const [one, two] = [key(), key()];
    const seen = pairs[one];
    const compare =
      seen === undefined || random() < 0.3
        ? { key: one, exists: random() < 0.5 }
        : { key: one, value: seen.value };
    return {
      f: 'txn',
      compare: [compare],
      success: [
        { f: 'put', key: one, value: `${nth}a` },
        ...(two === one ? [] : [{ f: 'put', key: two, value: `${nth}b` }]),
      ],
      failure: [{ f: 'range', prefix: 'k' }],
    };
  }
  const other = (kind - txnShare) / (1 - txnShare);
  if (other < 0.4) return { f: 'put', key: key(), value: `${nth}` };
  if (other < 0.7) return { f: 'range', key: key() };
  if (other < 0.9) return { f: 'range', prefix: 'k' };
  return { f: 'delete', key: key() };
};
