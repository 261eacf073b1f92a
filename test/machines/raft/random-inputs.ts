import { crc32 } from '../../../src/adapters/storage/crc32.ts';
import { snapshotContent } from '../../../src/node/machine-node.ts';
import type { Role } from '../../../src/node/node.ts';
import type { RaftContext } from '../../../src/raft/context.ts';
import type { Effect } from '../../../src/raft/effects.ts';
import type { Input, Persisted } from '../../../src/raft/inputs.ts';
import { termAt } from '../../../src/raft/log-shape.ts';
import { messageTypes } from '../../../src/raft/message-table.ts';
import type { AppendEntries, Message } from '../../../src/raft/messages.ts';
import { draw } from '../../../src/raft/random.ts';
import { type Entry, emptyPayload, type LogIndex } from '../../../src/raft/types.ts';

/** Seeded choices. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to but not including `sides`. */
  below(sides: number): number {
    const { state, fraction } = draw(this.#state);
    this.#state = state;
    return Math.floor(fraction * sides);
  }

  /** From `min` to `max`, both included. */
  between(min: number, max: number): number {
    return max < min ? min : min + this.below(max - min + 1);
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/**
 * Well-formed messages for one node, arbitrary otherwise: from any peer or a stranger, of terms around its own, about
 * indexes around its log. Two thirds of what it says could be true, so that the node gets into every role.
 */
export class RandomPeers {
  readonly #dice: Dice;
  readonly #size: number;

  constructor(dice: Dice, size: number) {
    this.#dice = dice;
    this.#size = size;
  }

  message(context: RaftContext, role: Role): Message {
    return this.#dice.chance(0.6) ? this.#helpful(context, role) : this.#arbitrary(context);
  }

  /** What moves this role on. */
  #helpful(context: RaftContext, role: Role): Message {
    const dice = this.#dice;
    const term = context.currentTerm;
    const voteGranted = dice.chance(0.8);
    const envelope = { from: this.#peer(), to: context.id, term };
    switch (role) {
      case 'preCandidate':
        return { type: 'PreVoteResponse', ...envelope, term: voteGranted ? term + 1 : term, voteGranted };
      case 'candidate':
        return { type: 'RequestVoteResponse', ...envelope, voteGranted };
      case 'leader':
        return this.#appendAnswer(context, { ...envelope, term });
      case 'follower':
        return term === 0 ? this.#arbitrary(context) : this.#appendEntries(context, envelope);
    }
  }

  #arbitrary(context: RaftContext): Message {
    const dice = this.#dice;
    const type = dice.pick(messageTypes);
    const drift = dice.chance(0.1) ? dice.between(1, 3) : dice.between(-2, 0);
    const term = Math.max(1, context.currentTerm + drift);
    const envelope = { from: this.#peer(), to: context.id, term };
    switch (type) {
      case 'RequestVote':
      case 'PreVote': {
        const asked = type === 'PreVote' && dice.chance(0.7) ? context.currentTerm + 1 : term;
        const lastLogTerm = dice.between(Math.max(0, asked - 3), asked - 1);
        const lastLogIndex = lastLogTerm === 0 ? 0 : Math.max(1, context.log.lastIndex + dice.between(-3, 3));
        const end = { ...envelope, term: asked, lastLogIndex, lastLogTerm };
        return type === 'PreVote' ? { type, ...end } : { type, ...end, leadershipTransfer: dice.chance(0.2) };
      }
      case 'RequestVoteResponse':
        return { type, ...envelope, voteGranted: dice.chance(0.5) };
      case 'PreVoteResponse': {
        const voteGranted = dice.chance(0.5);
        return { type, ...envelope, term: voteGranted ? context.currentTerm + 1 : term, voteGranted };
      }
      case 'AppendEntries':
        return this.#appendEntries(context, envelope);
      case 'AppendEntriesResponse':
        return this.#appendAnswer(context, envelope);
      case 'InstallSnapshot': {
        const index = Math.max(1, context.log.lastIndex + dice.between(-3, 3));
        const offset = dice.below(2);
        const content = snapshotContent(2);
        const data = content.subarray(offset, offset + 1);
        return {
          type,
          ...envelope,
          lastIncludedIndex: index,
          lastIncludedTerm: dice.between(1, envelope.term),
          configuration: context.configurations[0]!,
          sizeBytes: 2,
          checksum: crc32(content, 0),
          offset,
          data,
          dataChecksum: crc32(data, 0),
          done: offset === 1,
          round: dice.below(3),
        };
      }
      case 'InstallSnapshotResponse': {
        const success = dice.chance(0.3);
        const lastIncludedIndex = Math.max(1, context.snapshot.index);
        const matchIndex = success ? dice.between(0, context.log.lastIndex + 1) : 0;
        const answer = { lastIncludedIndex, success, matchIndex, offset: success ? 0 : dice.below(4) };
        return { type, ...envelope, ...answer, round: dice.below(3) };
      }
      case 'TimeoutNow':
        return { type, ...envelope };
      case 'ReadIndex':
        return { type, ...envelope, readId: dice.below(4) };
      case 'ReadIndexResponse': {
        const success = dice.chance(0.5);
        return { type, ...envelope, readId: dice.below(4), success, readIndex: success ? dice.below(9) : 0 };
      }
    }
  }

  #appendEntries({ log, commitIndex }: RaftContext, envelope: Envelope): AppendEntries {
    const dice = this.#dice;
    const prevLogIndex = Math.max(0, dice.between(commitIndex - 1, log.lastIndex + 1));
    const known = dice.chance(0.9) ? termAt(log, prevLogIndex) : dice.between(1, envelope.term);
    const prevLogTerm = prevLogIndex === 0 ? 0 : Math.max(1, Math.min(envelope.term, known));
    const entries: Entry[] = [];
    for (let count = dice.pick([0, 0, 1, 1, 2, 5]); count > 0; count--) {
      const least = Math.max(1, entries.at(-1)?.term ?? prevLogTerm);
      const term = dice.chance(0.7) ? least : dice.between(least, envelope.term);
      entries.push(
        dice.chance(0.2)
          ? { term, kind: 'noop', payload: emptyPayload }
          : { term, kind: 'command', payload: new Uint8Array(dice.below(40)) },
      );
    }
    const leaderCommit = Math.max(0, log.lastIndex + dice.between(-6, 2));
    return {
      type: 'AppendEntries',
      ...envelope,
      prevLogIndex,
      prevLogTerm,
      entries,
      leaderCommit,
      round: dice.below(3),
    };
  }

  #appendAnswer({ log, progress, round: now }: RaftContext, envelope: Envelope): Message {
    const dice = this.#dice;
    const { nextIndex, matchIndex } = progress[envelope.from] ?? { nextIndex: log.lastIndex, matchIndex: 0 };
    const round = Math.max(0, now - (dice.chance(0.8) ? 0 : dice.between(0, 2)));
    if (dice.chance(0.7)) {
      const match = dice.chance(0.97) ? dice.between(matchIndex, log.lastIndex) : log.lastIndex + 1;
      const prevLogIndex = dice.between(0, match);
      const answer = {
        success: true,
        prevLogIndex,
        matchIndex: match,
        conflictTerm: 0,
        conflictIndex: 0,
        round,
      };
      return { type: 'AppendEntriesResponse', ...envelope, ...answer };
    }
    const prevLogIndex = dice.chance(0.5) ? Math.max(0, nextIndex - 1) : dice.between(0, log.lastIndex + 1);
    const conflictTerm = dice.between(0, envelope.term);
    const conflictIndex = dice.between(0, log.lastIndex + 1);
    const answer = { success: false, prevLogIndex, matchIndex: 0, conflictTerm, conflictIndex, round };
    return { type: 'AppendEntriesResponse', ...envelope, ...answer };
  }

  /** Mostly another voter, now and then a stranger. */
  #peer(): number {
    const dice = this.#dice;
    return this.#size === 1 || dice.chance(0.03) ? this.#size + 1 : dice.between(2, this.#size);
  }
}

interface Envelope {
  readonly from: number;
  readonly to: number;
  readonly term: number;
}

/** What the disk, the state machine and the clients say to one node, besides its peers. */
export class RandomInputs {
  readonly #dice: Dice;
  readonly #peers: RandomPeers;
  #writes: Persisted[] = [];
  #applied = 0;
  #checked: LogIndex | null = null;
  #proposed = 0;
  #asked = 0;
  #now = 0;

  constructor(seed: number, size: number) {
    this.#dice = new Dice(seed);
    this.#peers = new RandomPeers(this.#dice, size);
  }

  /** Notes what the node asked of its disk and its state machine. */
  note(effects: readonly Effect[]): void {
    for (const { type, params } of effects) {
      if (type === 'storeChunk' && params.chunk.done) this.#checked = params.chunk.lastIncludedIndex;
      if (type === 'persist' || type === 'installSnapshot') {
        this.#writes.push({ type: 'Persisted', term: params.currentTerm, lastIndex: params.lastIndex });
      }
      if (type === 'apply') this.#applied = params.lastIndex;
    }
  }

  /** The next input, or null: let a timer expire. */
  next(context: RaftContext, role: Role): Input | null {
    const dice = this.#dice;
    const kind = dice.below(100);
    if (kind < 15) return null;
    if (kind < 35 && this.#writes.length > 0) return this.#writes.shift()!;
    if (kind < 45 && this.#applied > context.lastApplied) {
      return { type: 'Applied', index: dice.between(context.lastApplied + 1, this.#applied) };
    }
    if (kind < 55) {
      const proposals = Array.from({ length: dice.between(1, 3) }, () => ({
        id: ++this.#proposed,
        payload: new Uint8Array(dice.below(40)),
      }));
      return { type: 'Proposed', proposals };
    }
    if (kind < 59) {
      this.#now += dice.below(60);
      return { type: 'ReadRequested', id: ++this.#asked, nowMs: this.#now };
    }
    if (kind < 61) {
      const index = dice.between(0, context.lastApplied);
      return { type: 'SnapshotSaved', index, term: termAt(context.log, index) };
    }
    if (kind < 66 && this.#checked !== null) {
      const index = this.#checked;
      this.#checked = null;
      return { type: dice.pick(['SnapshotReceived', 'SnapshotReceived', 'SnapshotFailed']), index };
    }
    if (kind < 67)
      return { type: 'TransferRequested', id: ++this.#asked, target: dice.pick([null, 1, 2, 9]) };
    return { type: 'Received', message: this.#peers.message(context, role) };
  }
}
