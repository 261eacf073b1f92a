import { expect, test } from 'vitest';
import { HonestPeers } from '../../src/conformance/honest-peers.ts';
import type { AdapterMessage } from '../../src/conformance/protocol.ts';

const append = (prevLogIndex: number, entries: number): AdapterMessage => ({
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 1,
  prevLogIndex,
  prevLogTerm: 0,
  entries: Array(entries).fill({ term: 1, kind: 'command', payload: 'a' }),
  leaderCommit: 0,
});

/** What peer 2 says next, which holds the leader's entries up to `holds`; the node hears of it. */
const say = (peers: HonestPeers, holds: number) => {
  const answer = peers.answerOf(2, holds, false);
  if (answer !== null) peers.answered(answer);
  return answer && { prevLogIndex: answer.prevLogIndex, matchIndex: answer.matchIndex };
};

test('a peer answers each request of a leader that sends ahead, in order', () => {
  const peers = new HonestPeers({ rpc: false });
  peers.sent(1, [append(1, 1), append(2, 1)]);
  expect(say(peers, 0)).toEqual({ prevLogIndex: 1, matchIndex: 0 });
  expect(say(peers, 0)).toEqual({ prevLogIndex: 2, matchIndex: 0 });
  expect(say(peers, 0)).toBeNull();
});

test('but first one that brings it entries', () => {
  const peers = new HonestPeers({ rpc: false });
  peers.sent(1, [append(2, 1)]);
  peers.sent(1, [append(0, 2)]);
  expect(say(peers, 0)).toEqual({ prevLogIndex: 0, matchIndex: 2 });
  expect(say(peers, 2)).toEqual({ prevLogIndex: 2, matchIndex: 3 });
});
