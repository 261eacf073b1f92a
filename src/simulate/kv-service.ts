import { encodeCas, encodeDelete, encodeGet, encodePut } from '../store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../store/kv/result-codec.ts';
import type { Stream } from './dice.ts';
import type { ClientOperation, Service, ServiceClient } from './service.ts';

/** The key-value store, and sessions that read, write, swap and delete few keys: what a simulation replicates by default. */
export const kvService: Service<KvResult> = {
  stateMachine: () => new KvStateMachine(),
  read: (stateMachine, key) => {
    // A `get` changes nothing, so it may be applied at any position.
    const result = stateMachine.apply(encodeGet(key), { index: 0, term: 0 }) as KvResult;
    return result.type === 'found' ? decode(result.value) : null;
  },
  client: (session, keys) => new KvClient(session, keys),
  probe: () => write('recovery', 'write'),
  results: kvResultCodec,
};

class KvClient implements ServiceClient<KvResult> {
  readonly #session: number;
  readonly #keys: number;
  /** What it last saw at each key. */
  readonly #seen = new Map<string, string | null>();

  constructor(session: number, keys: number) {
    this.#session = session;
    this.#keys = keys;
  }

  next(nth: number, stream: Stream): ClientOperation<KvResult> {
    const key = `k${stream.between(1, this.#keys)}`;
    const value = `${this.#session}.${nth}`;
    const kind = stream.fraction();
    if (kind < 0.4) return write(key, value);
    const completed = (result: KvResult) => this.#completed(key, result);
    if (kind < 0.75) return { call: { f: 'read', key }, command: encodeGet(key), completed };
    if (kind < 0.9) {
      const from = this.#seen.get(key) ?? null;
      const command = encodeCas(key, from === null ? null : encode(from), encode(value));
      return { call: { f: 'cas', key, from, to: value }, command, completed };
    }
    return { call: { f: 'delete', key }, command: encodeDelete(key), completed };
  }

  #completed(key: string, result: KvResult): ReturnType<ClientOperation<KvResult>['completed']> {
    switch (result.type) {
      case 'found':
      case 'absent': {
        const value = result.type === 'found' ? decode(result.value) : null;
        this.#seen.set(key, value);
        return { type: 'ok', value };
      }
      case 'mismatch':
        this.#seen.set(key, result.actual === null ? null : decode(result.actual));
        return { type: 'fail' };
      case 'deleted':
        return { type: 'ok', existed: result.existed };
      default:
        return { type: 'ok' };
    }
  }
}

const write = (key: string, value: string): ClientOperation<KvResult> => ({
  call: { f: 'write', key, value },
  command: encodePut(key, encode(value)),
  completed: () => ({ type: 'ok' }),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const encode = (text: string): Uint8Array => encoder.encode(text);
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);
