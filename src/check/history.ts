/**
 * Histories of operations on keys, as clients saw them. The shape is Jepsen's: an operation is an `invoke`
 * and at most one completion by the same process, and the order of events is real time. docs/histories.md
 */

import { OpenOperations } from './open-operations.ts';
import {
  type EventType,
  type Key,
  type Operation,
  type Outcome,
  type ProcessId,
  UnreadableHistory,
  type Value,
} from './operation.ts';

export type FunctionName = 'read' | 'write' | 'cas' | 'append' | 'delete';

export interface HistoryEvent {
  readonly process: ProcessId;
  readonly type: EventType;
  /** A completion may leave out `f` and `key`, which are those of its invocation. */
  readonly f?: FunctionName;
  readonly key?: Key;
  /** Of a write or an append its argument; of an ok read its result. */
  readonly value?: Value;
  /** Of a cas. */
  readonly from?: Value;
  readonly to?: Value;
  /** Of an ok delete, where the client was told: whether the key had a value. */
  readonly existed?: boolean;
}

export interface History {
  /** In order of invocation. */
  readonly operations: readonly Operation[];
  /** Events read, those of a nemesis not counted. */
  readonly eventCount: number;
}

/** Events that are already in memory, as a history. Throws `UnreadableHistory`; positions are index + 1. */
export const historyOf = (events: Iterable<HistoryEvent>): History => {
  const builder = new HistoryBuilder();
  for (const event of events) builder.add(event);
  return builder.history();
};

type OpenOperation = { -readonly [Field in keyof Operation]: Operation[Field] };

/**
 * Pairs invocations with completions, event by event. A process has one operation at a time. After an `info` it
 * may go on under the same id (Jepsen would give it a new one): the old operation simply stays open.
 */
export class HistoryBuilder {
  readonly #operations: OpenOperation[] = [];
  readonly #open = new OpenOperations<OpenOperation>();
  readonly #values = new ValuesByKey();
  #eventCount = 0;
  #position = 0;

  /** Throws `UnreadableHistory` if `event` cannot follow the events before it. Positions must ascend. */
  add(event: HistoryEvent, position: number = this.#position + 1): void {
    this.#position = position;
    this.#eventCount += 1;
    if (event.type === 'invoke') this.#invoke(event, position);
    else this.#complete(event, event.type, position);
  }

  /** The history so far; operations still open are `info`. Later events leave the returned one alone. */
  history(): History {
    return {
      operations: this.#operations.map((operation) => ({ ...operation })),
      eventCount: this.#eventCount,
    };
  }

  #invoke(event: HistoryEvent, position: number): void {
    const { process, f, key } = event;
    if (f === undefined) throw new UnreadableHistory(position, 'an invocation needs f');
    if (key === undefined) throw new UnreadableHistory(position, 'an invocation needs a key');
    this.#open.refuseSecond(process, f, position);
    if (f === 'cas' && (event.from === undefined || event.to === undefined)) {
      throw new UnreadableHistory(position, 'a cas needs from and to');
    }
    if ((f === 'write' || f === 'append') && event.value === undefined) {
      throw new UnreadableHistory(position, `${f === 'append' ? 'an append' : 'a write'} needs a value`);
    }
    const operation: OpenOperation = {
      process,
      f,
      key,
      value: f === 'write' || f === 'append' ? (event.value ?? null) : null,
      from: f === 'cas' ? (event.from ?? null) : null,
      to: f === 'cas' ? (event.to ?? null) : null,
      existed: null,
      outcome: 'info',
      invokedAt: position,
      completedAt: Number.POSITIVE_INFINITY,
    };
    this.#values.admit(operation, position);
    this.#open.add(operation);
    this.#operations.push(operation);
  }

  #complete(event: HistoryEvent, outcome: Outcome, position: number): void {
    const operation = this.#open.complete(event.process, outcome, position);
    const differs = completionMismatch(event, operation);
    if (differs !== null) {
      const problem = `${differs} differs from the invocation in line ${operation.invokedAt}`;
      throw new UnreadableHistory(position, problem);
    }
    if (operation.f === 'read' && outcome === 'ok') {
      if (event.value === undefined) {
        throw new UnreadableHistory(position, 'an ok read needs a value (null for an absent key)');
      }
      operation.value = event.value;
    }
    if (operation.f === 'delete' && outcome === 'ok') operation.existed = event.existed ?? null;
    operation.outcome = outcome;
    operation.completedAt = position;
  }
}

/** The first field in which a completion contradicts its invocation. It may leave fields out. */
const completionMismatch = (event: HistoryEvent, operation: Operation): string | null => {
  const { f, key, value, from, to } = event;
  if (f !== undefined && f !== operation.f) return 'f';
  if (key !== undefined && key !== operation.key) return 'key';
  // Clients often put null where an operation has no such field, and where it has not succeeded.
  const isArgument = operation.f === 'write' || operation.f === 'append';
  if (isArgument && value !== undefined && value !== operation.value) return 'value';
  if (operation.f !== 'cas') return null;
  if (from !== undefined && from !== operation.from) return 'from';
  if (to !== undefined && to !== operation.to) return 'to';
  return null;
};

/** Appending to a number or a boolean has no meaning here, so a key has either appends or such values. */
class ValuesByKey {
  readonly #firstAppend = new Map<Key, number>();
  readonly #firstOther = new Map<Key, number>();

  admit(operation: Operation, position: number): void {
    const { f, key } = operation;
    if (f === 'append') {
      if (typeof operation.value !== 'string')
        throw new UnreadableHistory(position, 'an append needs a string');
      if (!this.#firstAppend.has(key)) this.#firstAppend.set(key, position);
    }
    const written = f === 'write' ? operation.value : f === 'cas' ? operation.to : null;
    if (written !== null && typeof written !== 'string' && !this.#firstOther.has(key)) {
      this.#firstOther.set(key, position);
    }
    const append = this.#firstAppend.get(key);
    const other = this.#firstOther.get(key);
    if (append === undefined || other === undefined) return;
    const earlier = Math.min(append, other);
    const problem = `key ${JSON.stringify(key)} has appends and values that are no strings (the other: line ${earlier})`;
    throw new UnreadableHistory(position, problem);
  }
}
