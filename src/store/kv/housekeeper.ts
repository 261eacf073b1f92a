import type { NodeStatus } from '../../node/node.ts';
import type { Clock } from '../../ports/clock.ts';
import { encodeStamped } from './commands.ts';
import { type KvStateMachine, maxStepMs } from './kv-state-machine.ts';
import type { KvRequest } from './requests.ts';
import type { Revision } from './revisioned-store.ts';

/** How much of the past a store keeps: the last so many revisions, and all that is younger than this. */
export interface HistoryLimits {
  readonly revisions: number;
  readonly ageMs: number;
}

export const defaultHistoryLimits: HistoryLimits = { revisions: 10_000, ageMs: 5 * 60_000 };

export interface HousekeeperParts {
  readonly node: {
    readonly status: () => Pick<NodeStatus, 'role'>;
    /** `done`: it has an outcome. */
    readonly submit: (command: Uint8Array, done: () => void) => void;
  };
  /** That of `node`. */
  readonly kv: KvStateMachine;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly limits?: HistoryLimits;
}

/** How often it looks. */
const turnMs = 500;
/** So far the store's time may fall behind while there are leases; what is more than `maxStepMs` would be lost. */
const behindMs = maxStepMs / 2;
/** The past is divided into so many parts by age. */
const ageParts = 60;

/**
 * Proposes what a store needs that no client asks for, while its node leads: that time passes, so that leases end, and that the past is forgotten. Other nodes may
 * have other limits; what is forgotten is decided by the log.
 */
export class Housekeeper {
  readonly #parts: HousekeeperParts;
  readonly #limits: HistoryLimits;
  #timer: unknown = null;
  /** Whether a proposal has no outcome yet. */
  #isWaiting = false;
  #isClosed = false;
  /** Which revision the store had when, the oldest first: the first one is as old as the past may be, or everything is younger. */
  #ages: { readonly atMs: number; readonly revision: Revision }[] = [];

  constructor(parts: HousekeeperParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? defaultHistoryLimits;
    this.#turn();
  }

  /** Leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.#parts.clock.clearTimeout(this.#timer);
  }

  #turn(): void {
    this.#timer = this.#parts.clock.setTimeout(() => this.#turn(), turnMs);
    this.#noteAge();
    this.#work();
  }

  #work(): void {
    if (this.#isWaiting || this.#isClosed) return;
    if (this.#parts.node.status().role !== 'leader') return;
    const request = this.#mustTimePass() ? ({ type: 'passTime' } as const) : this.#compaction();
    if (request === null) return;
    const { node, kv, clock, wallClock } = this.#parts;
    const leases = kv.leases.size;
    this.#isWaiting = true;
    node.submit(encodeStamped(wallClock(), request), () => {
      this.#isWaiting = false;
      // One command ends so many of them at most.
      if (kv.leases.size < leases) clock.defer(() => this.#work());
    });
  }

  #mustTimePass(): boolean {
    const { leases, time } = this.#parts.kv;
    const { nextEndMs } = leases;
    if (nextEndMs === null) return false;
    const passedMs = this.#parts.wallClock() - (time.lastStampMs ?? 0);
    // A clock that is behind that of the last leader: its next stamp is what time is counted from.
    if (passedMs < -behindMs || passedMs >= behindMs) return true;
    return nextEndMs <= time.nowMs + Math.max(0, passedMs);
  }

  #compaction(): KvRequest | null {
    const { store } = this.#parts.kv;
    const { revisions, ageMs } = this.#limits;
    const [first] = this.#ages;
    const isOld = first !== undefined && this.#parts.clock.now() - first.atMs >= ageMs;
    if (!isOld) return null;
    const revision = Math.min(first.revision, store.revision - revisions) + 1;
    // Not one by one.
    const least = Math.max(store.firstKept, store.compactRevision) + Math.max(1, revisions / 10);
    return revision < least ? null : { type: 'compact', revision };
  }

  #noteAge(): void {
    const { ageMs } = this.#limits;
    const nowMs = this.#parts.clock.now();
    const last = this.#ages.at(-1);
    if (last === undefined || nowMs - last.atMs >= ageMs / ageParts)
      this.#ages.push({ atMs: nowMs, revision: this.#parts.kv.store.revision });
    // The one that is just old enough stays.
    while (this.#ages[1] !== undefined && nowMs - this.#ages[1].atMs >= ageMs) this.#ages.shift();
  }
}
