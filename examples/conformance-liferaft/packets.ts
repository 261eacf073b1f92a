import Raft, { type Packet } from 'liferaft';
import type { AdapterMessage } from '../../src/conformance/protocol.ts';
import type { PathEntry, PathMessage } from '../../src/verify/paths/path.ts';

/** An entry as liferaft packs it into an `append`. */
interface PackedEntry {
  readonly index: number;
  readonly term: number;
  readonly command: { readonly kind: PathEntry['kind']; readonly payload: string };
}

/** The packets with which a liferaft peer would say this to a node in `currentTerm`. */
export const toPackets = (message: PathMessage, currentTerm: number): readonly Packet[] => {
  const packet = (state: number, type: string, index: number, term: number, data?: unknown): Packet => ({
    state,
    type,
    term: message.term,
    address: String(message.from),
    leader: state === Raft.LEADER ? String(message.from) : '',
    // Of an empty log liferaft says that it ends in the current term.
    last: { index, term: index === 0 ? message.term : term, committedIndex: commitOf(message) },
    ...(data !== undefined && { data }),
  });
  switch (message.type) {
    case 'RequestVote':
      return [packet(Raft.CANDIDATE, 'vote', message.lastLogIndex, message.lastLogTerm)];
    case 'RequestVoteResponse':
      return [packet(Raft.FOLLOWER, 'voted', 0, 0, { granted: message.voteGranted })];
    case 'AppendEntries': {
      const { prevLogIndex, prevLogTerm, entries } = message;
      const [entry] = entries;
      if (entry === undefined) return [packet(Raft.LEADER, 'append', prevLogIndex, prevLogTerm)];
      const { term, kind, payload } = entry;
      const data: readonly PackedEntry[] = [{ index: prevLogIndex + 1, term, command: { kind, payload } }];
      return [packet(Raft.LEADER, 'append', prevLogIndex, prevLogTerm, data)];
    }
    case 'AppendEntriesResponse': {
      const { success, prevLogIndex, matchIndex, term } = message;
      // A peer of a newer term answers an `error`; the rest of an answer is not looked at then.
      if (term > currentTerm) return [packet(Raft.FOLLOWER, 'error', 0, 0, 'Stale term detected')];
      if (!success) return [packet(Raft.FOLLOWER, 'append fail', 0, 0, { term, index: prevLogIndex })];
      // It acknowledges each entry by itself, and a heartbeat not at all.
      return Array.from({ length: matchIndex - prevLogIndex }, (_, at) =>
        packet(Raft.FOLLOWER, 'append ack', 0, 0, { term, index: prevLogIndex + 1 + at }),
      );
    }
    default:
      return [];
  }
};

const commitOf = (message: PathMessage): number =>
  message.type === 'AppendEntries' ? message.leaderCommit : 0;

/** What a packet of liferaft says; null: nothing that Raft knows. */
export const fromPacket = (packet: Packet, to: number): AdapterMessage | null => {
  const envelope = { from: Number(packet.address), to, term: packet.term };
  const { index } = packet.last ?? { index: 0 };
  const term = index === 0 ? 0 : packet.last.term;
  switch (packet.type) {
    case 'vote':
      return {
        type: 'RequestVote',
        ...envelope,
        lastLogIndex: index,
        lastLogTerm: term,
      };
    case 'voted': {
      const { granted } = packet.data as { granted: boolean };
      return { type: 'RequestVoteResponse', ...envelope, voteGranted: granted };
    }
    case 'append':
      return {
        type: 'AppendEntries',
        ...envelope,
        prevLogIndex: index,
        prevLogTerm: term,
        entries: ((packet.data as readonly PackedEntry[] | undefined) ?? []).map((entry) => ({
          term: entry.term,
          ...entry.command,
        })),
        leaderCommit: packet.last.committedIndex,
      };
    case 'append ack':
    case 'append fail': {
      const about = (packet.data as { index: number }).index;
      const success = packet.type === 'append ack';
      return {
        type: 'AppendEntriesResponse',
        ...envelope,
        success,
        ...(success ? { matchIndex: about } : { prevLogIndex: about }),
      };
    }
    default:
      return null;
  }
};
