import type { Clock } from '../ports/clock.ts';
import type { RefusalReason } from '../raft/effects.ts';
import type { TransferRequested } from '../raft/inputs.ts';
import type { NodeId } from '../raft/types.ts';
import type { TransferOutcome } from './node.ts';

interface Waiting {
  readonly done: (outcome: TransferOutcome) => void;
  readonly timer: unknown;
  /** Whether the chart has been asked: only then can the leadership move because of it. */
  isAsked: boolean;
}

/** The requests to hand over the leadership: each is answered when another node leads, or with the reason why none does. */
export class WaitingTransfers {
  readonly #clock: Clock;
  readonly #self: NodeId;
  readonly #timeoutMs: number;
  readonly #nextId: () => number;
  readonly #request: (event: TransferRequested) => void;
  readonly #waiting = new Map<number, Waiting>();
  #closed = false;

  /** `nextId` gives each request of this node another number. */
  constructor(
    clock: Clock,
    self: NodeId,
    timeoutMs: number,
    nextId: () => number,
    request: (event: TransferRequested) => void,
  ) {
    this.#clock = clock;
    this.#self = self;
    this.#timeoutMs = timeoutMs;
    this.#nextId = nextId;
    this.#request = request;
  }

  submit(target: NodeId | null, done: (outcome: TransferOutcome) => void): void {
    if (this.#closed) {
      this.#clock.defer(() => done({ type: 'timedOut' }));
      return;
    }
    const id = this.#nextId();
    const timer = this.#clock.setTimeout(() => this.#finish(id, { type: 'timedOut' }), this.#timeoutMs);
    const waiting: Waiting = { done, timer, isAsked: false };
    this.#waiting.set(id, waiting);
    this.#clock.defer(() => {
      if (this.#closed) return;
      waiting.isAsked = true;
      this.#request({ type: 'TransferRequested', id, target });
    });
  }

  /** The chart refused `id`, or gave it up. */
  reject(id: number, leader: NodeId | null, reason: RefusalReason): void {
    this.#finish(id, { type: 'refused', reason, leader });
  }

  /** Who leads, as far as this node knows, after each change. */
  leads(leader: NodeId | null): void {
    if (leader === null || leader === this.#self) return;
    for (const [id, { isAsked }] of [...this.#waiting]) {
      if (isAsked) this.#finish(id, { type: 'moved', leader });
    }
  }

  /** Answers everything that is waiting, and asks nothing afterwards. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#waiting.keys()]) this.#finish(id, { type: 'timedOut' });
  }

  #finish(id: number, outcome: TransferOutcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#clock.clearTimeout(waiting.timer);
    waiting.done(outcome);
  }
}
