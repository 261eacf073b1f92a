import { describe, expect, it } from 'vitest';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import { decodeMessage, encodeMessage } from '../../src/adapters/codec/message.ts';
import { isLogMismatch, rejectAppend } from '../../src/raft/append-entries.ts';
import { earlyHeartbeatFor } from '../../src/raft/early-heartbeat.ts';
import type { Send } from '../../src/raft/effects.ts';
import type { AppendEntries, AppendEntriesResponse, Message } from '../../src/raft/messages.ts';
import { advance, initialProgress, type Progress } from '../../src/raft/progress.ts';
import {
  hasLostEntries,
  isMatchBeyondLog,
  isQuorumLost,
  isStaleRejection,
  recordContact,
} from '../../src/raft/replication.ts';
import { MessagesSeen } from '../../src/verify/validate/messages-seen.ts';
import { contextOf, logOf, votersOf } from '../raft/contexts.ts';
import { introduction, LinkCluster } from './link-cluster.ts';
import { ScriptedTransport } from './scripted-transport.ts';

const heartbeat: AppendEntries = {
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 5,
  prevLogIndex: 9,
  prevLogTerm: 4,
  leaderCommit: 7,
  round: 3,
  entries: [],
};
const entries: AppendEntries = {
  ...heartbeat,
  entries: [{ term: 5, kind: 'command', payload: new Uint8Array(100) }],
};
const chunk: Message = {
  type: 'InstallSnapshot',
  from: 1,
  to: 2,
  term: 5,
  lastIncludedIndex: 3,
  lastIncludedTerm: 2,
  configuration: { index: 0, voters: [1, 2], outgoing: [], learners: [], members: {} },
  sizeBytes: 1,
  checksum: 0,
  offset: 0,
  data: Uint8Array.of(1),
  dataChecksum: 0,
  done: true,
  round: 1,
};

describe('a link on which frames wait', () => {
  const openLink = () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const { links } = cluster.start(1, [2], { transport });
    const connection = transport.dialled[0]!;
    connection.handlers.opened();
    connection.handlers.frame(encodeControl({ type: 'Welcome', from: 2, ...introduction }));
    // Hello and Ping.
    expect(connection.urgent).toHaveLength(2);
    connection.sent.length = 0;
    connection.urgent.length = 0;
    connection.dropsAt.length = 0;
    const messages = (frames: readonly Uint8Array[]) => frames.map((frame) => decodeMessage(frame));
    return { links, connection, messages };
  };

  it('sends an early heartbeat ahead, and the heartbeat itself in its place', () => {
    const { links, connection, messages } = openLink();
    links.send(entries);
    links.send(heartbeat);
    connection.isBacklogged = true;
    links.send(heartbeat);
    links.send(entries);
    expect(messages(connection.sent)).toEqual([
      entries,
      heartbeat,
      earlyHeartbeatFor(heartbeat),
      heartbeat,
      entries,
    ]);
    expect(messages(connection.urgent)).toEqual([earlyHeartbeatFor(heartbeat)]);
  });

  it('lets votes and answers overtake', () => {
    const { links, connection } = openLink();
    links.send({ type: 'RequestVoteResponse', from: 1, to: 2, term: 5, voteGranted: true });
    links.send({ type: 'ReadIndex', from: 1, to: 2, term: 5, readId: 1 });
    expect(connection.urgent).toHaveLength(2);
  });

  it('takes a chunk of a snapshot only when nothing waits: it is sent again until it is answered', () => {
    const { links, connection } = openLink();
    expect(links.send(chunk)).toBe(true);
    connection.isBacklogged = true;
    expect(links.send(chunk)).toBe(false);
    expect(connection.sent).toHaveLength(1);
  });

  it('forgets what waits of an older term, which would be refused', () => {
    const { links, connection } = openLink();
    links.send(entries);
    links.send(entries);
    links.send({ ...heartbeat, term: 6 });
    links.send({ ...heartbeat, term: 6 });
    expect(connection.dropsAt).toEqual([0, 2]);
  });
});

describe('an early heartbeat', () => {
  it('is as docs/wire.md has it, can be sent, and is refused by every log', () => {
    const sign = earlyHeartbeatFor(heartbeat);
    expect(sign).toEqual({ ...heartbeat, prevLogIndex: 2 ** 53 - 1, prevLogTerm: 5, leaderCommit: 0 });
    expect(decodeMessage(encodeMessage(sign))).toEqual(sign);
    for (const log of [logOf(), logOf(1, 4, 5), { ...logOf(1, 4, 5), snapshotIndex: 2, snapshotTerm: 4 }])
      expect(isLogMismatch(contextOf({ id: 2, currentTerm: 5, log }), sign)).toBe(true);
  });

  const probe = initialProgress(9);
  const replicate = advance(
    advance({ ...probe, nextIndex: 4 }, { type: 'matched', matchIndex: 3, round: 1 }),
    { type: 'sent', lastIndex: 9 },
  );
  const waitsForAnswer = advance(probe, { type: 'sent', lastIndex: 9 });
  const snapshot = advance(probe, {
    type: 'compacted',
    snapshot: { index: 5, term: 4, configuration: chunk.configuration } as never,
  });
  it.each<[string, Progress]>([
    ['probe', probe],
    ['probe that waits', waitsForAnswer],
    ['replicate', replicate],
    ['snapshot', snapshot],
  ])(
    'is answered by a follower in %s: the leader has heard from it, and knows no more of its log',
    (_, progress) => {
      const follower = contextOf({ id: 2, currentTerm: 5, log: logOf(1, 4, 4) });
      const [{ params }] = rejectAppend(follower, earlyHeartbeatFor(heartbeat)).effects as unknown as [
        { params: Send },
      ];
      const answer = params.message as AppendEntriesResponse;
      const leader = contextOf(
        {
          id: 1,
          currentTerm: 5,
          leaderId: 1,
          round: 3,
          checkedRound: 3,
          log: logOf(1, 4, 4, 4, 4, 4, 4, 4, 5),
          progress: { 2: progress, 3: probe },
        },
        { voters: votersOf(3) },
      );
      expect([isMatchBeyondLog(leader, answer), hasLostEntries(leader, answer)]).toEqual([false, false]);
      expect(isStaleRejection(leader, answer)).toBe(true);
      const { patch, effects } = recordContact(leader, answer);
      expect(patch.progress?.[2]).toEqual({ ...progress, round: 3 });
      expect(effects).toEqual([]);
      expect(isQuorumLost(leader)).toBe(true);
      expect(isQuorumLost({ ...leader, ...patch })).toBe(false);
    },
  );

  it('is believed by a validator once its heartbeat was sent, and not before', () => {
    const seen = new MessagesSeen();
    const arrives = (message: Message) => () => seen.handled(message, () => false);
    expect(arrives(earlyHeartbeatFor(heartbeat))).toThrow();
    seen.sent(entries);
    expect(arrives(earlyHeartbeatFor(heartbeat))).toThrow();
    seen.sent(heartbeat);
    expect(arrives(earlyHeartbeatFor(heartbeat))).not.toThrow();
    expect(arrives(earlyHeartbeatFor({ ...heartbeat, round: 4 }))).toThrow();
  });
});
