import { type Disk, type DiskClaim, knownFrom } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { judgeDisk } from './judge-disk.ts';
import { foundersFault } from './members.ts';

/** What a node says of itself when a connection begins. */
export interface Credentials extends DiskClaim {
  readonly incarnation: string;
  /** Configuration 0, ascending. */
  readonly firstMembers: readonly NodeId[];
}

/** One of two nodes refuses the other. */
export interface Refusal {
  readonly by: NodeId;
  /** One line. */
  readonly reason: string;
}

export interface PeerTrustParts {
  readonly self: NodeId;
  readonly incarnation: string;
  readonly disk: Disk;
  readonly firstMembers: readonly NodeId[];
  readonly log: Log;
  /** If not the original: a test may have it believe anything. */
  readonly judge?: typeof judgeDisk;
}

/** Decides which peers are believed to be who they say, and keeps who refuses whom. A peer that is refused is not heard. */
export class PeerTrust {
  readonly #parts: PeerTrustParts;
  readonly #refusals = new Map<NodeId, Refusal>();
  /** The reason told last for each peer that this node refuses: a peer that comes again and again is told of once. */
  readonly #told = new Map<NodeId, string>();

  constructor(parts: PeerTrustParts) {
    this.#parts = parts;
  }

  /** What this node says of itself, as of now. */
  get credentials(): Credentials {
    const { incarnation, disk, firstMembers } = this.#parts;
    const { logId, start, runs } = disk;
    return { incarnation, logId, start, runs, firstMembers };
  }

  /** Why `peer` is refused, in one line; null if it is believed. */
  judge(peer: NodeId, said: Credentials): string | null {
    const { self, disk, firstMembers, judge = judgeDisk } = this.#parts;
    const reason =
      foundersFault({ id: peer, firstMembers: said.firstMembers }, { id: self, firstMembers }) ??
      this.#diskFault(judge(peer, disk.knownOf(peer), said));
    if (reason === null) {
      this.#told.delete(peer);
      if (this.refusalOf(peer)?.by === self) this.#refusals.delete(peer);
      return null;
    }
    this.#refusals.set(peer, { by: self, reason });
    if (this.#told.get(peer) !== reason) {
      this.#told.set(peer, reason);
      this.#parts.log.warn({ peer: nodeName(peer), reason }, `${nodeName(peer)} is refused: ${reason}`);
    }
    return reason;
  }

  /** Why a node that is no member cannot be one; null if only its name is missing from the list. */
  strangerFault({ from, firstMembers }: { from: NodeId; firstMembers: readonly NodeId[] }): string | null {
    return foundersFault(
      { id: from, firstMembers },
      { id: this.#parts.self, firstMembers: this.#parts.firstMembers },
    );
  }

  /** Whether the log has this reason already. */
  isTold(reason: string): boolean {
    return [...this.#told.values()].some((told) => reason.endsWith(told));
  }

  /** Remembers the disk of a peer that is believed. Never calls `done` inside this call. */
  remember(peer: NodeId, said: Credentials, done: (failure: Error | null) => void): void {
    this.#parts.disk.remember(peer, knownFrom(said), (failure) => {
      if (failure !== null) {
        const fields = { peer: nodeName(peer), error: failure.message };
        this.#parts.log.warn(
          fields,
          `the disk of ${nodeName(peer)} could not be remembered: ${failure.message}`,
        );
      }
      done(failure);
    });
  }

  /** `peer` has refused this node. */
  refusedBy(peer: NodeId, reason: string): void {
    // What this node holds against the peer says more.
    if (this.refusalOf(peer)?.by !== this.#parts.self) this.#refusals.set(peer, { by: peer, reason });
  }

  /** `peer` has welcomed this node, and is believed. */
  welcomedBy(peer: NodeId): void {
    this.#refusals.delete(peer);
  }

  refusalOf(peer: NodeId): Refusal | null {
    return this.#refusals.get(peer) ?? null;
  }

  #diskFault(verdict: ReturnType<typeof judgeDisk>): string | null {
    return verdict.verdict === 'refused' ? verdict.reason : null;
  }
}
