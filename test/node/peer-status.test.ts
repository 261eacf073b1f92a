import { expect, it } from 'vitest';
import { peerStatus } from '../../src/node/peer-status.ts';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import { initialProgress, type Progress } from '../../src/raft/progress.ts';
import { contextOf } from '../raft/contexts.ts';

const linked = { id: 2, link: 'open', endpoint: null } as const;
const held: Progress = { ...initialProgress(5), state: 'replicate', matchIndex: 5 };
const disk = 'd'.repeat(32);
const leader = (progress?: Progress, patch: Partial<RaftContext> = {}) =>
  contextOf({ id: 1, ...(progress === undefined ? {} : { progress: { 2: progress } }), ...patch });

it('on a leader a peer has come so far, and is sent so much of a snapshot', () => {
  expect(peerStatus(linked, leader(), () => null)).toEqual(linked);
  expect(peerStatus(linked, leader(held), () => null)).toEqual({ ...linked, matchIndex: 5 });
  const snapshot = { index: 9, term: 1, configuration: firstConfiguration([1, 2]) };
  const receiving = { ...held, state: 'snapshot', snapshot, offset: 70, isIdle: false } as Progress;
  expect(peerStatus(linked, leader(receiving), () => null)).toMatchObject({
    snapshot: { index: 9, sentBytes: 70 },
  });
});

it('a peer that does not say where its clients reach it is where the configuration has it', () => {
  const members = { 2: { peer: 'two:7002', client: 'http://two:8002', logId: null } };
  const configurations = [firstConfiguration([1, 2], members)];
  const known = leader(undefined, { configurations });
  expect(peerStatus(linked, known, () => null).endpoint).toBe('http://two:8002');
  expect(peerStatus({ ...linked, endpoint: 'http://new' }, known, () => null).endpoint).toBe('http://new');
});

it('a peer that has lost entries may be filled again on the disk by which it is known', () => {
  const lost = { ...held, state: 'lost' } as Progress;
  expect(peerStatus(linked, leader(lost), () => disk).refusal).toMatchObject({
    by: 1,
    reason: expect.stringContaining('node2 has lost entries that it had acknowledged, up to 5'),
    otherLogId: disk,
  });
  expect(peerStatus(linked, leader(lost), () => null).refusal).not.toHaveProperty('otherLogId');
  const refusal = { by: 2, reason: 'node1 is on another disk' };
  expect(peerStatus({ ...linked, refusal }, leader(lost), () => disk).refusal).toBe(refusal);
});
