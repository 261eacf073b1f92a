import type { Clock } from '../ports/clock.ts';
import type { RefusalReason } from '../raft/effects.ts';
import type { ConfigurationProposed } from '../raft/inputs.ts';
import type { MemberChange } from '../raft/members.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import type { ChangeOutcome } from './node.ts';

type Done = (outcome: ChangeOutcome) => void;

/**
 * The requests for other members: each is answered once the members are as it asked for, or with the reason why they are not. None has a time
 * limit of its own: the chart gives up a change that does not get on.
 */
export class WaitingChanges {
  readonly #clock: Clock;
  readonly #request: (event: ConfigurationProposed) => void;
  readonly #nextId: () => number;
  readonly #waiting = new Map<number, Done>();
  #closed = false;

  /** `nextId` gives each request of this node another number. */
  constructor(clock: Clock, nextId: () => number, request: (event: ConfigurationProposed) => void) {
    this.#clock = clock;
    this.#nextId = nextId;
    this.#request = request;
  }

  submit(changes: readonly MemberChange[], done: Done): void {
    if (this.#closed) {
      this.#clock.defer(() => done(unknown));
      return;
    }
    const id = this.#nextId();
    this.#waiting.set(id, done);
    this.#clock.defer(() => {
      if (!this.#closed) this.#request({ type: 'ConfigurationProposed', id, changes });
    });
  }

  /** The chart says that the members are as `id` asked for. */
  accept(id: number, index: LogIndex): void {
    this.#finish(id, { type: 'changed', index });
  }

  /** The chart refused `id`, or gave it up. */
  reject(id: number, leader: NodeId | null, reason: RefusalReason): void {
    this.#finish(id, reason === 'leadershipLost' ? unknown : { type: 'refused', reason, leader });
  }

  /** Answers everything that is waiting, and asks nothing afterwards. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#waiting.keys()]) this.#finish(id, unknown);
  }

  #finish(id: number, outcome: ChangeOutcome): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.(outcome);
  }
}

const unknown: ChangeOutcome = { type: 'unknownOutcome' };
