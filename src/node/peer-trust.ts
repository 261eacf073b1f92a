import type { Clock } from '../ports/clock.ts';
import { type Disk, type DiskClaim, knownFrom } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { type DiskVerdict, judgeDisk } from './judge-disk.ts';
import { foundersFault, notAddedWords, removedWords } from './members.ts';
import type { NamedDisk } from './membership.ts';

/** What a node says of itself when a connection begins. */
export interface Credentials extends DiskClaim {
  readonly incarnation: string;
  readonly peerEndpoint: string | null;
  /** Configuration 0, ascending. */
  readonly firstMembers: readonly NodeId[];
}

/** One of two nodes refuses the other. */
export interface Refusal {
  readonly by: NodeId;
  /** One line. */
  readonly reason: string;
  /** The disk on which the peer has come, if that could take the place of its own. */
  readonly otherLogId?: string;
}

export interface PeerTrustParts {
  readonly self: NodeId;
  readonly incarnation: string;
  readonly peerEndpoint: string | null;
  readonly disk: Disk;
  readonly firstMembers: readonly NodeId[];
  readonly clock: Clock;
  readonly log: Log;
  /** If not the original: a test may have it believe anything. */
  readonly judge?: typeof judgeDisk;
}

/** For so many nodes it is known what was told of them last. */
const maxTold = 64;

/** Decides which peers are believed to be who they say, and keeps who refuses whom. A peer that is refused is not heard. */
export class PeerTrust {
  readonly #parts: PeerTrustParts;
  readonly #refusals = new Map<NodeId, Refusal>();
  /** The reason told last for each peer that this node refuses: a peer that comes again and again is told of once. */
  readonly #told = new Map<NodeId, string>();
  /** The disks of those that are heard, but not believed. */
  readonly #teachers = new Map<NodeId, string>();
  /** On which disk each node came last that is not a member. */
  readonly #strangers = new Map<NodeId, string>();

  constructor(parts: PeerTrustParts) {
    this.#parts = parts;
  }

  /** What this node says of itself, as of now. */
  get credentials(): Credentials {
    const { incarnation, peerEndpoint, disk, firstMembers } = this.#parts;
    const { logId, start, runs } = disk;
    return { incarnation, peerEndpoint, logId, start, runs, firstMembers };
  }

  /**
   * Why `peer` is refused, in one line; null if it is not. `named`: the disk that the configurations name for it. `knowsMore`: it knows a later configuration
   * than this node, by which its disk may count: then it is heard, as one that `teaches`, but not believed.
   */
  judge(peer: NodeId, said: Credentials, named?: NamedDisk, knowsMore = false): string | null {
    const { self, disk, firstMembers, judge = judgeDisk } = this.#parts;
    const founders = foundersFault({ id: peer, firstMembers: said.firstMembers }, { id: self, firstMembers });
    const verdict: DiskVerdict =
      founders === null
        ? judge(peer, disk.knownOf(peer), said, named)
        : { verdict: 'refused', reason: founders };
    const isTeacher = verdict.verdict === 'refused' && verdict.otherLogId !== undefined && knowsMore;
    if (isTeacher) this.#teachers.set(peer, said.logId);
    else this.#teachers.delete(peer);
    if (verdict.verdict === 'accepted' || isTeacher) {
      this.#told.delete(peer);
      if (this.refusalOf(peer)?.by === self) this.#refusals.delete(peer);
      return null;
    }
    const { reason, otherLogId } = verdict;
    const refusal = { by: self, reason, ...(otherLogId === undefined ? {} : { otherLogId }) };
    noteBounded(this.#refusals, peer, refusal);
    this.#tell(peer, reason);
    return reason;
  }

  /**
   * Whether `peer`, on this disk, is heard only as the leader that brings the log: it may have taken the place of a disk that still counts here, and whoever was
   * away meanwhile learns of that from nobody else. Its votes and acknowledgements would count as those of the other.
   */
  teaches(peer: NodeId, { logId }: Pick<Credentials, 'logId'>): boolean {
    return this.#teachers.get(peer) === logId;
  }

  /** Why a node that is not a member is refused, in one line: it is of another cluster, was removed, or was not added yet. */
  strangerFault(peer: NodeId, said: Pick<Credentials, 'firstMembers' | 'peerEndpoint' | 'logId'>): string {
    const { self, firstMembers, disk } = this.#parts;
    const founders = foundersFault({ id: peer, firstMembers: said.firstMembers }, { id: self, firstMembers });
    if (founders !== null) return founders;
    noteBounded(this.#strangers, peer, said.logId);
    const known = disk.knownOf(peer);
    // On another disk it is a new node, which may be added.
    const was = known === null ? firstMembers.includes(peer) : known.logId === said.logId;
    const reason = was ? removedWords(peer) : notAddedWords(peer, said.peerEndpoint);
    this.#tell(peer, reason);
    return reason;
  }

  /** On which disk `peer`, which is not a member, has come last; null: it has never come. */
  strangersLogIdOf(peer: NodeId): string | null {
    return this.#strangers.get(peer) ?? this.#parts.disk.knownOf(peer)?.logId ?? null;
  }

  /** A member has been removed: nothing is held against the next node of that name. */
  forget(peer: NodeId): void {
    this.#strangers.delete(peer);
    this.#refusals.delete(peer);
    this.#told.delete(peer);
  }

  /** Whether the log has this reason already. */
  isTold(reason: string): boolean {
    return [...this.#told.values()].some((told) => reason.endsWith(told));
  }

  /** Remembers the disk of a peer that is believed. Never calls `done` inside this call. */
  remember(peer: NodeId, said: Credentials, done: (failure: Error | null) => void): void {
    this.#strangers.delete(peer);
    if (this.teaches(peer, said)) {
      this.#parts.clock.defer(() => done(null));
      return;
    }
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

  #tell(peer: NodeId, reason: string): void {
    if (this.#told.get(peer) === reason) return;
    noteBounded(this.#told, peer, reason);
    this.#parts.log.warn({ peer: nodeName(peer), reason }, `${nodeName(peer)} is refused: ${reason}`);
  }
}

/** Whoever comes under ever new names does not fill the memory. */
const noteBounded = <Note>(notes: Map<NodeId, Note>, peer: NodeId, note: Note): void => {
  if (notes.size >= maxTold && !notes.has(peer)) notes.delete(notes.keys().next().value!);
  notes.set(peer, note);
};
