import type { Outcome } from '../node/node.ts';
import type { NodeId } from '../raft/types.ts';
import { type CommandKey, encodeEnvelope } from '../store/sessions/envelope.ts';
import type { SessionResult } from '../store/sessions/session-state-machine.ts';
import type { ClientOperation } from './service.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

/** After this long a client gives up on an operation. */
const operationTimeoutMs = 3000;
/** After this long it asks another node, if it may send the command again. */
const answerTimeoutMs = 400;
/** Between two attempts. */
const retryMs = 40;

/** How an operation ended; docs/histories.md. Null: nothing was done, and it was not even tried. */
export type End = ReturnType<ClientOperation<unknown>['completed']> | { readonly type: 'info' } | null;

/** The client whose operation it is. */
export interface Invoking {
  readonly clock: VirtualClock;
  /** Sends the payload, made by the node that gets it at its own time of day, to the node that it believes is the leader. No answer may ever come. */
  ask(payload: (stampMs: number) => Uint8Array, answer: (outcome: Outcome<unknown>) => void): void;
  /** Believes that `leader` is the leader; null: goes on to the next node. */
  turnTo(leader: NodeId | null): void;
  /** The key of its next command, in another session once it has lost one. */
  nextKey(): CommandKey;
  /** Its session may not exist. */
  loseSession(): void;
  /** Its command was answered from memory. */
  repeated(): void;
  /** It was answered as no command of a client that counts can be. */
  misjudged(by: SessionResult<unknown>['type']): void;
}

/**
 * One operation of a client with all its attempts. In sessions, and a read always, it is sent again until somebody knows what became of
 * it or the time is over; without, only where it is certain that nothing happened.
 */
export class Invocation {
  readonly #client: Invoking;
  readonly #operation: ClientOperation<unknown>;
  readonly #mayRepeat: boolean;
  readonly #end: (end: End) => void;
  readonly #begunUs: number;
  readonly #timeout: Scheduled;
  #silence: Scheduled | null = null;
  /** Null: the command goes without an envelope. */
  #key: CommandKey | null;
  /** The attempt whose answer is waited for, from 1 on. */
  #attempt = 0;
  #isUnderWay = false;
  /** Null: no node has made it yet. */
  #command: Uint8Array | null = null;
  /** An attempt that is not waited for any more may take effect at any later time. */
  #isInDoubt = false;
  #isOver = false;

  constructor(
    client: Invoking,
    operation: ClientOperation<unknown>,
    hasSessions: boolean,
    end: (end: End) => void,
  ) {
    this.#client = client;
    this.#operation = operation;
    this.#mayRepeat = hasSessions;
    this.#end = end;
    this.#key = hasSessions && operation.call?.f !== 'read' ? client.nextKey() : null;
    this.#begunUs = client.clock.nowUs;
    this.#timeout = client.clock.schedule(operationTimeoutMs * 1000, () =>
      this.#finish(this.#isUnderWay || this.#isInDoubt ? { type: 'info' } : null),
    );
    this.#try();
  }

  #try(): void {
    if (this.#isOver) return;
    const own = ++this.#attempt;
    this.#isUnderWay = true;
    if (this.#mayRepeat) {
      this.#silence = this.#client.clock.schedule(answerTimeoutMs * 1000, () => {
        this.#attempt++;
        this.#lose();
      });
    }
    const key = this.#key;
    const ageMs = (this.#client.clock.nowUs - this.#begunUs) / 1000;
    this.#client.ask(
      (stampMs) => {
        const command = this.#commandAt(stampMs);
        return key === null ? command : encodeEnvelope({ key, ageMs, stampMs, command });
      },
      (outcome) => {
        if (this.#isOver || own !== this.#attempt) return;
        this.#hush();
        this.#take(outcome);
      },
    );
  }

  /** The same in all attempts: under one key, other bytes would be another command. */
  #commandAt(stampMs: number): Uint8Array {
    const { command, stamped } = this.#operation;
    this.#command ??= stamped?.(stampMs) ?? command;
    return this.#command;
  }

  #take(outcome: Outcome<unknown>): void {
    switch (outcome.type) {
      case 'applied':
        if (this.#mayRepeat) this.#judged(outcome.result as SessionResult<unknown>);
        else this.#complete(outcome.result);
        return;
      case 'overwritten':
        this.#isUnderWay = false;
        if (this.#mayRepeat) this.#repeat(0);
        else this.#finish(null);
        return;
      case 'unknownOutcome':
        this.#lose();
        return;
      default: {
        this.#isUnderWay = false;
        const leader = outcome.type === 'notLeader' ? outcome.leader : null;
        this.#client.turnTo(leader);
        this.#repeat(leader === null ? retryMs : 0);
      }
    }
  }

  #judged(result: SessionResult<unknown>): void {
    switch (result.type) {
      case 'applied':
        this.#complete(result.result);
        return;
      case 'repeated':
        this.#client.repeated();
        this.#complete(result.result);
        return;
      case 'sessionExpired':
        this.#client.loseSession();
        if (this.#isInDoubt) this.#finish({ type: 'info' });
        else {
          this.#isUnderWay = false;
          this.#key = this.#client.nextKey();
          this.#repeat(0);
        }
        return;
      default:
        this.#client.misjudged(result.type);
        this.#finish({ type: 'info' });
    }
  }

  /** Nobody knows what became of the attempt. */
  #lose(): void {
    if (!this.#mayRepeat) {
      this.#finish({ type: 'info' });
      return;
    }
    this.#isInDoubt ||= this.#key !== null;
    this.#client.turnTo(null);
    this.#repeat(retryMs);
  }

  #repeat(afterMs: number): void {
    this.#client.clock.schedule(afterMs * 1000, () => this.#try());
  }

  #complete(result: unknown): void {
    this.#finish(this.#operation.completed(result));
  }

  #finish(end: End): void {
    this.#isOver = true;
    this.#client.clock.cancel(this.#timeout);
    this.#hush();
    if (end?.type === 'info') this.#client.loseSession();
    this.#end(end);
  }

  #hush(): void {
    if (this.#silence !== null) this.#client.clock.cancel(this.#silence);
    this.#silence = null;
  }
}
