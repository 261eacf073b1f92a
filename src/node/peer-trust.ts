import type { Clock } from '../ports/clock.ts';
import { type Disk, type DiskClaim, type KnownDisk, knownFrom } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { type DiskVerdict, judgeDisk } from './judge-disk.ts';
import { foundersFault, notAddedWords, removedWords } from './members.ts';
import type { Membership } from './membership.ts';

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
  /** When the node starts. */
  readonly membership: TrustedMembership;
  readonly clock: Clock;
  readonly log: Log;
  /** If not the original: a test may have it believe anything. */
  readonly judge?: typeof judgeDisk;
}

type TrustedMembership = Pick<Membership, 'committedIndex' | 'peers' | 'voters' | 'disks'>;

/** Peers whose connections have to be looked at again. */
export interface Reconsidered {
  /** Their disks are remembered from now on. */
  readonly remembered: readonly NodeId[];
  /** They were heard although they were not believed, since they knew a later configuration; this node knows it by now. */
  readonly noTeachers: readonly NodeId[];
}

/** For so many nodes it is known what was told of them last. */
const maxTold = 64;

/**
 * Decides which peers are believed to be who they say, and keeps who refuses whom. A peer that is refused is not heard.
 *
 * What is remembered of a disk outlives this node's process only where it must: while both vote. A node that does not vote may have met nobody, or not since its disk took
 * the place of another: it would believe whoever comes first, be it a copy. None of its answers counts, so it believes everybody and remembers nothing. By the time that it votes,
 * the configuration says of the others how far their disks had come, and that stands above what it knew. Of a peer that does not vote, what was known is known until the process ends.
 */
export class PeerTrust {
  readonly #parts: PeerTrustParts;
  readonly #refusals = new Map<NodeId, Refusal>();
  /** The reason told last for each peer that this node refuses: a peer that comes again and again is told of once. */
  readonly #told = new Map<NodeId, string>();
  /** The disks of those that are heard, but not believed, and the index of the configuration that they know. */
  readonly #teachers = new Map<NodeId, { readonly logId: string; readonly knows: LogIndex }>();
  /** On which disk each node came last that is not a member. */
  readonly #strangers = new Map<NodeId, string>();
  /** The disks of peers that are believed and do not vote. */
  readonly #nonVoters = new Map<NodeId, KnownDisk>();
  #membership: TrustedMembership;

  constructor(parts: PeerTrustParts) {
    this.#parts = parts;
    this.#membership = parts.membership;
    this.#yieldToConfiguration((peer) => this.#votes && this.knownOf(peer) !== null);
  }

  /** Whether this node votes. */
  get #votes(): boolean {
    return this.#membership.voters.has(this.#parts.self);
  }

  /** Whose connections have to be looked at again now that the members are these, as far as this node knows. */
  follow(membership: TrustedMembership): Reconsidered {
    const before = this.#membership;
    const voted = this.#votes;
    this.#membership = membership;
    const votes = this.#votes;
    this.#yieldToConfiguration(
      (peer) => votes && voted && before.peers.has(peer) && this.knownOf(peer) !== null,
    );
    const begin = (peer: NodeId) => membership.voters.has(peer) && !(voted && before.voters.has(peer));
    const remembered = votes ? [...membership.voters].filter(begin) : [];
    for (const peer of remembered) this.#countFromNow(peer);
    const outdated = [...this.#teachers].filter(([, { knows }]) => knows <= membership.committedIndex);
    for (const [peer] of outdated) this.#teachers.delete(peer);
    return { remembered, noTeachers: outdated.map(([peer]) => peer) };
  }

  /** The vote of `peer` counts. What was known of its disk before stays known, unless the configuration says how far it had come. */
  #countFromNow(peer: NodeId): void {
    const said = this.#saidOf(peer);
    const known = this.#nonVoters.get(peer);
    this.#nonVoters.delete(peer);
    if (said === undefined && known !== undefined) this.#write(peer, known, () => {});
    else if (said !== undefined && this.knownOf(peer) === null) this.#write(peer, said, () => {});
  }

  /** How far the disk of `peer` had come by the configuration, the one in force if that says so. */
  #saidOf(peer: NodeId): KnownDisk | undefined {
    return this.#membership.disks.get(peer)?.seen[0];
  }

  /** The disk by which this node knows `peer`, which it has believed; null: it has not. */
  knownOf(peer: NodeId): KnownDisk | null {
    return this.#nonVoters.get(peer) ?? this.#parts.disk.knownOf(peer);
  }

  /** What this node says of itself, as of now. */
  get credentials(): Credentials {
    const { incarnation, peerEndpoint, disk, firstMembers } = this.#parts;
    const { logId, start, runs } = disk;
    return { incarnation, peerEndpoint, logId, start, runs, firstMembers };
  }

  /**
   * Why `peer` is refused, in one line; null if it is not. `knows`: the index of the configuration that it knows. If that is later than what this node knows
   * to be committed, its disk may count by it: then it is heard, as one that `teaches`, but not believed.
   */
  judge(peer: NodeId, said: Credentials, knows: LogIndex = 0): string | null {
    const { self, firstMembers, judge = judgeDisk } = this.#parts;
    const founders = foundersFault({ id: peer, firstMembers: said.firstMembers }, { id: self, firstMembers });
    const verdict: DiskVerdict =
      founders === null
        ? judge(peer, this.#votes ? this.knownOf(peer) : null, said, this.#membership.disks.get(peer))
        : { verdict: 'refused', reason: founders };
    const isTeacher =
      verdict.verdict === 'refused' &&
      verdict.otherLogId !== undefined &&
      knows > this.#membership.committedIndex;
    if (isTeacher) this.#teachers.set(peer, { logId: said.logId, knows });
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
    return this.#teachers.get(peer)?.logId === logId;
  }

  /** Why a node that is not a member is refused, in one line: it is of another cluster, was removed, or was not added yet. */
  strangerFault(peer: NodeId, said: Pick<Credentials, 'firstMembers' | 'peerEndpoint' | 'logId'>): string {
    const { self, firstMembers } = this.#parts;
    const founders = foundersFault({ id: peer, firstMembers: said.firstMembers }, { id: self, firstMembers });
    if (founders !== null) return founders;
    noteBounded(this.#strangers, peer, said.logId);
    const known = this.knownOf(peer);
    // On another disk it is a new node, which may be added.
    const was = known === null ? firstMembers.includes(peer) : known.logId === said.logId;
    const reason = was ? removedWords(peer) : notAddedWords(peer, said.peerEndpoint);
    this.#tell(peer, reason);
    return reason;
  }

  /** On which disk `peer`, which is not a member, has come last; null: it has never come. */
  strangersLogIdOf(peer: NodeId): string | null {
    return this.#strangers.get(peer) ?? this.knownOf(peer)?.logId ?? null;
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

  /** Remembers the disk of a peer that is believed, as far as it has to. Never calls `done` inside this call. */
  remember(peer: NodeId, said: Credentials, done: (failure: Error | null) => void): void {
    this.#strangers.delete(peer);
    const known = knownFrom(said);
    if (this.#votes && !this.teaches(peer, said)) {
      if (this.#membership.voters.has(peer)) {
        this.#write(peer, known, done);
        return;
      }
      noteBounded(this.#nonVoters, peer, known);
    }
    this.#parts.clock.defer(() => done(null));
  }

  #write(peer: NodeId, known: KnownDisk, done: (failure: Error | null) => void): void {
    this.#parts.disk.remember(peer, known, (failure) => {
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

  /**
   * From now on this node knows of the disks what the configuration says of them, also once they are no members any more; but not of one of which it `knows`
   * by itself, which stands beside that. It does while both vote. What it knew of a node that was no member ends when that becomes one: none of its votes
   * from before counts, and this node may have met it on a copy.
   */
  #yieldToConfiguration(knows: (peer: NodeId) => boolean): void {
    for (const peer of this.#membership.disks.keys()) {
      const said = this.#saidOf(peer);
      if (said === undefined || knows(peer)) continue;
      this.#nonVoters.delete(peer);
      this.#write(peer, said, () => {});
    }
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
