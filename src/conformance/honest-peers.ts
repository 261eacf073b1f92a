import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import type { AdapterMessage, Capabilities } from './protocol.ts';

type Append = Extract<AdapterMessage, { type: 'AppendEntries' }>;
type Answer = Extract<PathMessage, { type: 'AppendEntriesResponse' }>;

/** What a request brings to a follower that holds the entries up to `from`: those up to `to`. */
interface Brought {
  readonly from: LogIndex;
  readonly to: LogIndex;
}

type Asked = 'RequestVote' | 'AppendEntries';

/** To what kind of request this is an answer; null: it is none, or to one that no leader or candidate of Figure 2 makes. */
export const requestOf = ({ type }: PathMessage): Asked | null => {
  if (type === 'RequestVoteResponse') return 'RequestVote';
  return type === 'AppendEntriesResponse' ? 'AppendEntries' : null;
};

interface Followed {
  /** All that was sent to it in this term. */
  readonly brought: Brought[];
  /** The requests that it has not answered, in order. */
  unanswered: readonly Append[];
  /** Up to here it has acknowledged the leader's log in this term. */
  acknowledged: LogIndex;
  /** Up to here it has been told that entries are committed. */
  toldCommit: LogIndex;
}

/** What the node under test has sent to each follower in its term. Peers acknowledge that and nothing else. */
export class HonestPeers {
  #term: Term = 0;
  readonly #followed = new Map<NodeId, Followed>();
  /** By kind and peer: the terms of the requests that wait for an answer, in order. */
  readonly #open = new Map<string, Term[]>();
  readonly #isByRequest: boolean;

  constructor({ rpc }: Pick<Capabilities, 'rpc'>) {
    this.#isByRequest = rpc;
  }

  /** Takes note of what the node, now in `term`, has sent. */
  sent(term: Term, messages: readonly AdapterMessage[]): void {
    if (term !== this.#term) {
      this.#term = term;
      this.#followed.clear();
    }
    for (const message of messages) {
      if (message.type === 'RequestVote' || message.type === 'AppendEntries') {
        this.#waiting(message.type, message.to).push(message.term);
      }
      if (message.term !== term) continue;
      if (message.type === 'InstallSnapshot') {
        this.#of(message.to).brought.push({ from: 0, to: message.lastIncludedIndex });
      } else if (message.type === 'AppendEntries') {
        const { prevLogIndex: from, entries } = message;
        const followed = this.#of(message.to);
        followed.brought.push({ from, to: from + entries.length });
        followed.unanswered = [...followed.unanswered, message];
        followed.toldCommit = Math.max(followed.toldCommit, message.leaderCommit);
      }
    }
  }

  /** A peer has answered. */
  answered(message: PathMessage): void {
    const asked = requestOf(message);
    if (asked !== null) {
      const waiting = this.#waiting(asked, message.from);
      const at = waiting.findLastIndex((term) => term <= message.term);
      if (at >= 0) waiting.splice(at, 1);
    }
    if (message.type !== 'AppendEntriesResponse' || message.term !== this.#term) return;
    const followed = this.#of(message.from);
    const isAnswered = ({ prevLogIndex }: Append) => prevLogIndex === message.prevLogIndex;
    // Which one it belongs to is up to an implementation that has each answered.
    followed.unanswered =
      this.#isByRequest || !followed.unanswered.some(isAnswered)
        ? []
        : followed.unanswered.filter((request) => !isAnswered(request));
    if (message.success) followed.acknowledged = Math.max(followed.acknowledged, message.matchIndex);
  }

  /** Nobody waits any more for what is under way. */
  restarted(): void {
    this.#open.clear();
    for (const followed of this.#followed.values()) followed.unanswered = [];
  }

  /** Whether the node waits for an answer of this kind and `term` from `peer`, which answers no request of a later term. */
  isOpen(asked: Asked, peer: NodeId, term: Term): boolean {
    return this.#waiting(asked, peer).some((each) => each <= term);
  }

  #waiting(asked: Asked, peer: NodeId): Term[] {
    const key = `${asked} ${peer}`;
    const waiting = this.#open.get(key) ?? [];
    this.#open.set(key, waiting);
    return waiting;
  }

  /** How far the log of `peer` reaches once it has all that was sent to it, which had the leader's entries up to `holds` before. */
  sentUpTo(peer: NodeId, holds: LogIndex): LogIndex {
    // Each may go on from what another one has brought.
    return this.#of(peer).brought.reduce(
      (end, { from, to }) => (from <= end ? Math.max(end, to) : end),
      holds,
    );
  }

  /** Whether anything was sent to `peer` that reaches to this entry. */
  hasSentTo(peer: NodeId, index: LogIndex): boolean {
    return this.#of(peer).brought.some(({ to }) => to >= index);
  }

  hasSentFrom(peer: NodeId, prevLogIndex: LogIndex): boolean {
    return this.#of(peer).brought.some(({ from }) => from === prevLogIndex);
  }

  /** The latest request that `peer` has not answered; null: none. */
  unansweredBy(peer: NodeId): Append | null {
    return this.#of(peer).unanswered.at(-1) ?? null;
  }

  /** The one that `peer` answers next if its log has the leader's entries up to `holds`: one that brings it further, or else the oldest. */
  nextFor(peer: NodeId, holds: LogIndex): Append | null {
    const brings = ({ prevLogIndex, entries }: Append) =>
      prevLogIndex <= holds && prevLogIndex + entries.length > holds;
    const { unanswered } = this.#of(peer);
    return unanswered.find(brings) ?? unanswered[0] ?? null;
  }

  /** Up to where `peer` has been told in this term that entries are committed. */
  toldCommitTo(peer: NodeId): LogIndex {
    return this.#of(peer).toldCommit;
  }

  /** Up to where `peer` has acknowledged the leader's log in this term. */
  acknowledgedBy(peer: NodeId): LogIndex {
    return this.#of(peer).acknowledged;
  }

  /**
   * What `peer` says next to what it was sent, if its log has the leader's entries up to `holds` and nothing behind them. `isSeparate`: a heartbeat says nothing of the
   * log. Null: it was sent nothing since its last answer.
   */
  answerOf(peer: NodeId, holds: LogIndex, isSeparate: boolean): Answer | null {
    const { acknowledged } = this.#of(peer);
    const request = this.nextFor(peer, holds);
    if (request === null) return null;
    const { prevLogIndex, entries, round = 0 } = request;
    const isHeartbeat = isSeparate && entries.length === 0 && prevLogIndex === 0;
    const success = isHeartbeat || prevLogIndex <= holds;
    const answer = {
      type: 'AppendEntriesResponse',
      from: peer,
      to: testedNode,
      term: this.#term,
      round,
    } as const;
    const hint = { conflictTerm: 0, conflictIndex: success ? 0 : holds + 1 };
    const matchIndex = isHeartbeat ? acknowledged : success ? prevLogIndex + entries.length : 0;
    return {
      ...answer,
      success,
      prevLogIndex: isHeartbeat ? acknowledged : prevLogIndex,
      matchIndex,
      ...hint,
    };
  }

  #of(peer: NodeId): Followed {
    let followed = this.#followed.get(peer);
    if (followed === undefined) {
      followed = { brought: [], unanswered: [], acknowledged: 0, toldCommit: 0 };
      this.#followed.set(peer, followed);
    }
    return followed;
  }
}
