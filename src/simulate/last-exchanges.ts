import type { Message } from '../raft/messages.ts';
import { type NodeId, nodeName } from '../raft/types.ts';

type Request = Extract<Message, { type: 'AppendEntries' | 'InstallSnapshot' }>;

interface Exchange {
  readonly atMs: number;
  readonly request: Request;
  refused: boolean;
}

/** What each node last had from a leader, and whether it refused that: tells why a node stays behind. */
export class LastExchanges {
  readonly #last = new Map<NodeId, Exchange>();

  delivered(message: Message, atMs: number): void {
    if (message.type === 'AppendEntries' || message.type === 'InstallSnapshot')
      this.#last.set(message.to, { atMs, request: message, refused: false });
  }

  sent(message: Message): void {
    if (message.type !== 'AppendEntriesResponse' && message.type !== 'InstallSnapshotResponse') return;
    const last = this.#last.get(message.from);
    // A follower that waits for the next chunk refuses nothing.
    if (last === undefined || message.to !== last.request.from) return;
    last.refused = message.type === 'AppendEntriesResponse' && !message.success;
  }

  /** In words for a violation. */
  of(node: NodeId): string {
    const last = this.#last.get(node);
    if (last === undefined) return 'it has never had entries or a heartbeat of a leader';
    const { atMs, request, refused } = last;
    const what =
      request.type === 'AppendEntries'
        ? `${request.entries.length} ${request.entries.length === 1 ? 'entry' : 'entries'} after ${request.prevLogIndex} (of term ${request.prevLogTerm})`
        : `a snapshot up to ${request.lastIncludedIndex}`;
    const how = refused ? ', which it refused' : '';
    return `the last that it had of a leader was ${what} of ${nodeName(request.from)} in term ${request.term} at ${atMs} ms${how}`;
  }
}
