import type { Log } from '../ports/log.ts';
import { currentConfiguration } from '../raft/configuration.ts';
import type { RaftContext } from '../raft/context.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import { standingOf } from './configuration-status.ts';
import { notAddedWords, removedWords } from './members.ts';
import type { Membership } from './membership.ts';
import type { PeerStatus, Standing } from './node.ts';

export interface OwnStandingParts {
  readonly id: NodeId;
  /** Those with which the cluster began. */
  readonly founders: readonly NodeId[];
  /** Whether the node had a log when it started: only members are sent one. */
  readonly hadLog: boolean;
  readonly peerEndpoint: string | null;
  readonly log: Log;
  readonly context: () => Pick<RaftContext, 'configurations' | 'log'>;
  /** What links and peers say. */
  readonly peers: () => readonly PeerStatus[];
}

/** What a node is in its cluster, by its log and by what its peers say; told in the log of the program as it changes. */
export class OwnStanding {
  /** Resolves once the node knows that it was removed. */
  readonly removed: Promise<void>;
  readonly #reportRemoved: () => void;
  readonly #parts: OwnStandingParts;
  /** Kept here, since a snapshot forgets the configurations before it. */
  #wasMember: boolean;
  #told: Standing | null = null;

  constructor(parts: OwnStandingParts) {
    this.#parts = parts;
    this.#wasMember = parts.hadLog;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.removed = promise;
    this.#reportRemoved = resolve;
  }

  get now(): Standing {
    const { id, context, founders } = this.#parts;
    return standingOf(id, context(), founders, this.#wasMember);
  }

  /** The configurations may be others by now. */
  follow({ index, committedIndex }: Membership): void {
    this.#tell();
    if (this.#told === 'removed' && index === committedIndex) this.#reportRemoved();
  }

  /** A peer says that this node was removed: the last message of a leader that would have told it may have been lost, or it was away. */
  toldRemoved(): void {
    if (this.#told === 'removed' || this.#isRemovedByMost()) this.#reportRemoved();
  }

  #tell(): void {
    const { id, peerEndpoint, log } = this.#parts;
    const { now } = this;
    if (now === this.#told) return;
    this.#told = now;
    this.#wasMember ||= now !== 'waiting';
    if (now === 'removed') log.warn({}, removedWords(id));
    else if (now === 'waiting') log.info({}, notAddedWords(id, peerEndpoint));
    else log.info({ standing: now }, `${nodeName(id)} is ${standingWords[now]}`);
  }

  /**
   * Whether most of the other voters that this node knows say that it was removed. One of them may be behind, and not know that it was added again. Whoever
   * has nothing yet is a founder that starts anew, and waits to be added.
   */
  #isRemovedByMost(): boolean {
    const { id, context, peers } = this.#parts;
    const { configurations, log } = context();
    const others = currentConfiguration(configurations).voters.filter((voter) => voter !== id);
    const saying = peers().filter(
      ({ id: peer, refusal }) =>
        others.includes(peer) && refusal?.by === peer && refusal.reason === removedWords(id),
    );
    return log.lastIndex > 0 && saying.length > others.length / 2;
  }
}

const standingWords: Readonly<Record<Exclude<Standing, 'waiting' | 'removed'>, string>> = {
  voter: 'a voter',
  learner: 'a learner',
  leaving: 'leaving',
};
