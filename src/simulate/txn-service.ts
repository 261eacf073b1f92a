import { encodeStamped } from '../store/kv/commands.ts';
import { rangeOfKey, rangeOfPrefix } from '../store/kv/key-range.ts';
import { type KvResult, KvStateMachine } from '../store/kv/kv-state-machine.ts';
import type { Compare, KvOperation, OperationResult } from '../store/kv/operations.ts';
import { plainRange } from '../store/kv/plain-range.ts';
import { kvResultCodec } from '../store/kv/result-codec.ts';
import type { KeyValue } from '../store/kv/revisioned-store.ts';
import type { Stream } from './dice.ts';
import type { ClientOperation, Recorded, Service, ServiceClient } from './service.ts';

/**
 * The key-value store with revisions, and clients that read, write and delete several keys at once: the plan's `workload` `txn`. What they saw is checked with the model
 * `kv-txn`. There are no leases: a key may vanish with its lease as soon as the log's time allows, which no client sees, so a model that allows
 * for that allows nearly everything.
 */
export const txnService: Service<KvResult> = {
  stateMachine: () => new KvStateMachine(),
  model: 'kv-txn',
  read: (stateMachine, key) => {
    const value = (stateMachine as KvStateMachine).get(key);
    return value === null ? null : decode(value);
  },
  client: (session, keys) => new TxnClient(session, keys),
  probe: () => operationOf({ f: 'put', key: 'recovery', value: 'write' }),
  results: kvResultCodec,
};

class TxnClient implements ServiceClient<KvResult> {
  readonly #session: number;
  readonly #keys: number;
  /** What it last saw at each key; without: nothing. */
  readonly #seen = new Map<string, KeyValue>();

  constructor(session: number, keys: number) {
    this.#session = session;
    this.#keys = keys;
  }

  next(nth: number, stream: Stream): ClientOperation<KvResult> {
    const recorded = this.#draw(`${this.#session}.${nth}`, stream);
    return operationOf(recorded, (pairs) => {
      for (const pair of pairs) this.#seen.set(pair.key, pair);
    });
  }

  #draw(value: string, stream: Stream): Recorded {
    const key = this.#key(stream);
    const kind = stream.fraction();
    if (kind < 0.25) return { f: 'put', key, value };
    if (kind < 0.35) return { f: 'range', key };
    if (kind < 0.55) return { f: 'range', prefix: 'k' };
    if (kind < 0.6) return { f: 'delete', key };
    // From one key on and before another: none, one, or some.
    if (kind < 0.65) return { f: 'delete', from: key, to: this.#key(stream) };
    return this.#drawTxn(key, value, stream);
  }

  /** Over two or three keys: what is compared, what is written together, and a read of all of it. */
  #drawTxn(key: string, value: string, stream: Stream): Recorded {
    const others = [this.#key(stream), this.#key(stream)].filter((each) => each !== key);
    const written = [...new Set([key, ...others])];
    const writes = written.map((each, at) => ({ f: 'put', key: each, value: `${value}.${at + 1}` }));
    const [, other = key] = written;
    const compares = [
      this.#drawCompare(key, stream),
      ...(stream.chance(0.3) ? [this.#drawCompare(other, stream)] : []),
    ];
    const removal = { f: 'delete', key: other };
    return {
      f: 'txn',
      compare: compares,
      success: [...writes, { f: 'range', prefix: 'k' }],
      failure: stream.chance(0.7) ? [{ f: 'range', prefix: 'k' }] : [removal, { f: 'range', key }],
    };
  }

  #drawCompare(key: string, stream: Stream): Recorded {
    const seen = this.#seen.get(key);
    const kind = stream.fraction();
    if (seen === undefined || kind < 0.2) return { key, exists: stream.chance(0.5) };
    if (kind < 0.5) return { key, modRevision: seen.modRevision };
    if (kind < 0.7) return { key, version: seen.version };
    if (kind < 0.8) return { key, modRevision: seen.modRevision + 1, is: '<' };
    return { key, value: decode(seen.value) };
  }

  #key(stream: Stream): string {
    return `k${stream.between(1, this.#keys)}`;
  }
}

const operationOf = (
  recorded: Recorded,
  saw: (pairs: readonly KeyValue[]) => void = () => {},
): ClientOperation<KvResult> => {
  const request = requestOf(recorded);
  return {
    call: null,
    recorded,
    command: encodeStamped(0, request),
    stamped: (stampMs) => encodeStamped(stampMs, request),
    completed: (result) => {
      if (result.type !== 'requested' || result.result.type !== 'done') return { type: 'fail' };
      const { done, revision } = result.result;
      saw(pairsIn(done as OperationResult));
      return { type: 'ok', told: { ...toldOf(done as OperationResult), revision } };
    },
  };
};

/** What a history calls an operation, as the store calls it. */
export const requestOf = (recorded: Recorded): KvOperation => {
  switch (recorded.f) {
    case 'put':
      return {
        type: 'put',
        key: String(recorded.key),
        value: encode(String(recorded.value)),
        lease: 0n,
        returnsPrevious: true,
        keepsValue: false,
        keepsLease: false,
      };
    case 'range':
      return plainRange(rangeOf(recorded));
    case 'delete':
      return { type: 'deleteRange', range: rangeOf(recorded), returnsPrevious: true };
    default: {
      const { compare, success, failure } = recorded as { readonly [Part in string]: readonly Recorded[] };
      return {
        type: 'txn',
        compare: compare!.map(compareOf),
        success: success!.map(requestOf),
        failure: failure!.map(requestOf),
      };
    }
  }
};

const rangeOf = ({ key, prefix, from, to }: Recorded): Compare['range'] => {
  if (key !== undefined) return rangeOfKey(String(key));
  if (prefix !== undefined) return rangeOfPrefix(String(prefix));
  return { from: String(from), to: to === undefined ? null : String(to) };
};

const results = { '=': 'equal', '!=': 'notEqual', '<': 'less', '>': 'greater' } as const;

const compareOf = (recorded: Recorded): Compare => {
  const { value, version, modRevision, exists, is = '=' } = recorded;
  const range = rangeOf(recorded);
  if (exists !== undefined)
    return { range, result: exists === true ? 'greater' : 'equal', target: { type: 'version', number: 0 } };
  const result = results[is as keyof typeof results];
  if (value !== undefined) return { range, result, target: { type: 'value', value: encode(String(value)) } };
  if (version !== undefined) return { range, result, target: { type: 'version', number: Number(version) } };
  return { range, result, target: { type: 'mod', number: Number(modRevision) } };
};

/** What the store has answered, as a history tells it. */
export const toldOf = (result: OperationResult): Recorded => {
  switch (result.type) {
    case 'range':
      return { pairs: result.pairs.map(pairOf), count: result.count };
    case 'put':
      return { previous: result.previous === null ? null : pairOf(result.previous) };
    case 'deleteRange':
      return { deleted: result.deleted, previous: result.previous.map(pairOf) };
    case 'txn':
      return { succeeded: result.succeeded, results: result.results.map(toldOf) };
  }
};

const pairOf = ({ key, value, version, createRevision, modRevision }: KeyValue): Recorded => ({
  key,
  value: decode(value),
  version,
  createRevision,
  modRevision,
});

const pairsIn = (result: OperationResult): readonly KeyValue[] => {
  if (result.type === 'txn') return result.results.flatMap(pairsIn);
  return result.type === 'range' ? result.pairs : [];
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const encode = (text: string): Uint8Array => encoder.encode(text);
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);
