import { Buffer } from 'node:buffer';
import type { FunctionName, HistoryEvent } from '../../src/check/history.ts';
import type { Value } from '../../src/check/operation.ts';
import {
  casOperation,
  deleteOperation,
  getOperation,
  putOperation,
} from '../../src/cli/client/operations.ts';
import type { Operation } from '../../src/cli/client/send-request.ts';
import {
  jsonBody,
  onlyWrite,
  runSession,
  type SessionEnd,
  type WriteNumber,
} from '../../src/cli/client/session.ts';
import { Chance } from './chance.ts';

/** For an operation with all its attempts. */
const timeoutMs = 10_000;
/** The most that a client waits before its next operation. */
const pauseMs = 8;
const keysAtOnce = 5;

type Call =
  | { readonly f: 'read' | 'delete'; readonly key: string }
  | { readonly f: 'write'; readonly key: string; readonly value: string }
  | { readonly f: 'cas'; readonly key: string; readonly from: string | null; readonly to: string };

/**
 * Clients of the kind that `raft-client` is, which read, write, compare and delete a few keys all at once, through failures. What they saw is a history for
 * the checker: docs/histories.md.
 */
export class RecordedLoad {
  readonly events: HistoryEvent[] = [];
  /** Answers that no client should get. */
  readonly unexpected: string[] = [];
  /** Called at each write that is acknowledged. */
  onWritten: () => void = () => {};
  readonly #endpoints: readonly string[];
  readonly #keys = new Set<string>();
  readonly #clients: Promise<void>[] = [];
  #period = 0;
  #isStopping = false;

  constructor(endpoints: readonly string[], clients: number, seed: number) {
    this.#endpoints = endpoints.map((endpoint) => `http://${endpoint}`);
    for (let client = 0; client < clients; client++) {
      this.#clients.push(this.#run(this.#client(client), new Chance(seed + client)));
    }
  }

  /** How many operations of these kinds ended so. */
  count(type: HistoryEvent['type'], ...functions: readonly FunctionName[]): number {
    return this.events.filter((event) => event.type === type && functions.includes(event.f!)).length;
  }

  /** From now on other keys are used: a history of few operations on a key is checked fast, and what the earlier ones hold must last. */
  turnToOtherKeys(): void {
    this.#period++;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#clients);
  }

  /** Reads every key that was ever used, each until it is answered. */
  async readAll(): Promise<void> {
    const keys = [...this.#keys];
    const readers = Array.from({ length: 8 }, async (_, at) => {
      const client = this.#client(`reader${at}`);
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        while ((await client.call({ f: 'read', key })) !== 'ok');
      }
    });
    await Promise.all(readers);
  }

  #client(process: number | string): RecordingClient {
    return new RecordingClient(process, this.#endpoints, this.events, this.unexpected, () =>
      this.onWritten(),
    );
  }

  async #run(client: RecordingClient, chance: Chance): Promise<void> {
    for (let at = 1; !this.#isStopping; at++) {
      const key = `${this.#period}.${chance.below(keysAtOnce)}`;
      this.#keys.add(key);
      await client.call(callOf(client, key, `${client.process}:${at}`, chance));
      await new Promise((resolve) => setTimeout(resolve, chance.fraction() * pauseMs));
    }
  }
}

const callOf = (client: RecordingClient, key: string, value: string, chance: Chance): Call => {
  const drawn = chance.fraction();
  if (drawn < 0.45) return { f: 'read', key };
  if (drawn < 0.75) return { f: 'write', key, value };
  if (drawn < 0.95) return { f: 'cas', key, from: client.seen(key), to: value };
  return { f: 'delete', key };
};

const operationOf = (call: Call): Operation => {
  switch (call.f) {
    case 'read':
      return getOperation(call.key, 'linearizable');
    case 'write':
      return putOperation(call.key, Buffer.from(call.value));
    case 'cas':
      return casOperation(call.key, call.from, call.to);
    case 'delete':
      return deleteOperation(call.key);
  }
};

/** One client, with one operation at a time and a session for its writes. */
class RecordingClient {
  readonly process: number | string;
  readonly #options;
  readonly #events: HistoryEvent[];
  readonly #unexpected: string[];
  readonly #written: () => void;
  readonly #seen = new Map<string, string | null>();
  #write: WriteNumber = onlyWrite();

  constructor(
    process: number | string,
    endpoints: readonly string[],
    events: HistoryEvent[],
    unexpected: string[],
    written: () => void,
  ) {
    this.process = process;
    this.#options = { endpoints, isTargeted: false, timeoutMs };
    this.#events = events;
    this.#unexpected = unexpected;
    this.#written = written;
  }

  /** What it believes that `key` holds. */
  seen(key: string): string | null {
    return this.#seen.get(key) ?? null;
  }

  async call(call: Call): Promise<HistoryEvent['type']> {
    const { process } = this;
    this.#events.push({ process, type: 'invoke', ...call });
    const end = await runSession(operationOf(call), this.#options, this.#write);
    const { type, value, existed } = completionOf(call.f, end);
    this.#events.push({
      process,
      type,
      f: call.f,
      key: call.key,
      ...(value === undefined ? {} : { value }),
      ...(existed === undefined ? {} : { existed }),
    });
    if (end.state === 'failed' && type === 'info') {
      this.#unexpected.push(`${call.f}: ${end.reply?.status} ${end.reply?.body}`);
    }
    if (type === 'ok') this.#note(call, value);
    if (call.f !== 'read') {
      this.#goOn(end);
      if (type === 'ok') this.#written();
    }
    return type;
  }

  #note(call: Call, value: Value | undefined): void {
    if (call.f === 'read') this.#seen.set(call.key, value as string | null);
    else this.#seen.set(call.key, call.f === 'write' ? call.value : call.f === 'cas' ? call.to : null);
  }

  /** The next write is of the same session only if it is known what became of this one. */
  #goOn({ state }: SessionEnd): void {
    const { session, sequence } = this.#write;
    const isKnown = state === 'succeeded' || state === 'failed';
    this.#write = isKnown ? { session, sequence: sequence + 1, received: sequence } : onlyWrite();
  }
}

/** How the history tells the end of an operation. What is not certain is `info`. */
const completionOf = (
  f: FunctionName,
  { state, reply }: SessionEnd,
): { readonly type: 'ok' | 'fail' | 'info'; readonly value?: Value; readonly existed?: boolean } => {
  if (state === 'succeeded') {
    if (f === 'read') return { type: 'ok', value: reply!.body.toString() };
    return f === 'delete' ? { type: 'ok', existed: jsonBody(reply!)!.deleted as boolean } : { type: 'ok' };
  }
  const error = state === 'failed' && reply !== null ? jsonBody(reply)?.error : null;
  if (f === 'read') return error === 'key_not_found' ? { type: 'ok', value: null } : { type: 'info' };
  // A cas that is certain not to have happened, but compared nothing, is no failed one.
  if (f === 'cas') return { type: error === 'cas_failed' ? 'fail' : 'info' };
  return { type: state === 'timedOut' || state === 'inconsistent' ? 'fail' : 'info' };
};
