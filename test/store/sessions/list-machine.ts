import type { StateMachine } from '../../../src/ports/state-machine.ts';
import { type CommandKey, encodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { defaultSessionLimits, type SessionLimits } from '../../../src/store/sessions/limits.ts';
import {
  type SessionResult,
  SessionStateMachine,
} from '../../../src/store/sessions/session-state-machine.ts';
import { encodeTable, restoreTable } from '../../../src/store/sessions/table-bytes.ts';

/** A state machine that tells what was applied, and how many commands before. */
export class ListMachine implements StateMachine<string> {
  readonly applied: string[] = [];

  apply(command: Uint8Array): string {
    const text = new TextDecoder().decode(command);
    return `${this.applied.push(text)} ${text}`;
  }
}

export const textCodec = {
  encode: (result: string) => new TextEncoder().encode(result),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
};

export interface Sent {
  readonly stampMs?: number;
  readonly ageMs?: number;
}

/** A list under sessions, and the index at which the next command is applied. */
export class SessionList {
  readonly list = new ListMachine();
  readonly machine: SessionStateMachine<string>;
  readonly #limits: Partial<SessionLimits>;
  #index = 0;
  #stampMs = 1_000_000;

  constructor(limits: Partial<SessionLimits> = {}) {
    this.#limits = limits;
    this.machine = new SessionStateMachine(this.list, textCodec, { ...defaultSessionLimits, ...limits });
  }

  /** Another list and its sessions, restored from the bytes of this one. */
  restored(): SessionList {
    const other = new SessionList(this.#limits);
    other.send(named('in-the-way'), 'x');
    restoreTable(other.machine.table, encodeTable(this.machine.table));
    other.list.applied.splice(0, 1, ...this.list.applied);
    other.#index = this.#index;
    other.#stampMs = this.#stampMs;
    return other;
  }

  /** Bytes as they stand in a log. */
  apply(command: Uint8Array): SessionResult<string> {
    return this.machine.apply(command, { index: ++this.#index, term: 1 });
  }

  /** Without a stamp: that of the command before. */
  send(
    key: CommandKey,
    text: string,
    { stampMs = this.#stampMs, ageMs = 0 }: Sent = {},
  ): SessionResult<string> {
    this.#stampMs = stampMs;
    return this.apply(encodeEnvelope({ key, ageMs, stampMs, command: textCodec.encode(text) }));
  }

  /** Time passes, and other commands tell of it. */
  wait(ms: number, stepMs = 1000): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.#stampMs += stepMs;
      this.machine.table.pass(this.#stampMs);
    }
  }
}

export const inSession = (session: string, sequence: number, received = 0): CommandKey => ({
  type: 'session',
  session,
  sequence,
  received,
});

export const named = (name: string): CommandKey => ({ type: 'idempotencyKey', name });
