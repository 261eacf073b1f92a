import type { Message } from '../../raft/messages.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';

/** An AppendEntries that its follower has not acknowledged yet. */
interface Unacknowledged {
  readonly lastIndex: LogIndex;
  readonly bytes: number;
  readonly sentMs: number;
}

/** No leader has more under way for one follower; what is older is forgotten. */
const maxUnacknowledged = 4096;

/** How long followers take to acknowledge what a leader sends them, and how much is under way. */
export class AppendRoundTrips {
  readonly #nowMs: () => number;
  readonly #took: (peer: NodeId, ms: number) => void;
  readonly #underWay = new Map<NodeId, Unacknowledged[]>();
  /** A new term is a new leader, which may be this node again. */
  #term = 0;

  /** `took` is called with how long the newest of what an answer acknowledges was under way. */
  constructor(nowMs: () => number, took: (peer: NodeId, ms: number) => void) {
    this.#nowMs = nowMs;
    this.#took = took;
  }

  sent(message: Message): void {
    if (message.type !== 'AppendEntries') return;
    const { to, term, prevLogIndex, entries } = message;
    this.#enter(term);
    let peer = this.#underWay.get(to);
    if (peer === undefined) {
      peer = [];
      this.#underWay.set(to, peer);
    }
    if (peer.length >= maxUnacknowledged) peer.shift();
    const bytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
    peer.push({ lastIndex: prevLogIndex + entries.length, bytes, sentMs: this.#nowMs() });
  }

  received(message: Message): void {
    this.#enter(message.term);
    if (message.type !== 'AppendEntriesResponse') return;
    const peer = this.#underWay.get(message.from);
    if (peer === undefined) return;
    if (!message.success) {
      // The leader goes back, and sends again.
      peer.length = 0;
      return;
    }
    let count = 0;
    while (count < peer.length && peer[count]!.lastIndex <= message.matchIndex) count++;
    const newest = peer[count - 1];
    if (newest === undefined) return;
    peer.splice(0, count);
    this.#took(message.from, this.#nowMs() - newest.sentMs);
  }

  /** Payload bytes that `peer` was sent and has not acknowledged. */
  bytesUnderWay(peer: NodeId): number {
    return (this.#underWay.get(peer) ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #enter(term: number): void {
    if (term <= this.#term) return;
    this.#term = term;
    this.#underWay.clear();
  }
}
