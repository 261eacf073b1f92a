import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { firstConfiguration } from '../../raft/configuration.ts';
import type { MemberChange } from '../../raft/members.ts';
import { enumerate } from '../../statechart/coverage/enumeration.ts';
import type { Evidence } from '../../statechart/coverage/grounds.ts';
import { type Universe, universeOf } from '../../statechart/coverage/universe.ts';
import { walk } from '../../statechart/read/walk.ts';
import type { Bounds } from './messages-within.ts';
import { raftSpace } from './raft-space.ts';

const alone = firstConfiguration([1]);

const changing = {
  voters: 2,
  maxTerm: 1,
  maxLog: 2,
  asks: 'nothing',
  isTimed: false,
  snapshots: false,
} as const;

const sendsNoEntries = { sendsNoEntries: true } as const;

const promote = { type: 'promote', node: 2 } as const;

/** Of a voter, node 1, and a learner, node 2. */
const changes: readonly (readonly MemberChange[])[] = [
  [promote],
  [{ type: 'remove', node: 2 }],
  [{ type: 'demote', node: 1 }],
  [promote, { type: 'remove', node: 1 }],
  [{ type: 'promote', node: 9 }],
  [{ type: 'remove', node: 9 }],
  [{ type: 'update', node: 1, member: { peer: 'host:7001', client: null, logId: 'another' } }],
];

/**
 * Worlds small enough to enumerate, in which every transition of the chart that is not excluded is taken: a
 * single node; three nodes, with terms to lag behind and an entry to lack, to replace and to commit; five, where a vote that is
 * granted is not yet a majority; two, whose clients ask for transfers and reads, with leases and without, and where answers are to any round; and some with snapshots, one of them without entries from leaders, so that a leader of a second term may hold a snapshot that it was sent in the first; and a few in which the members change.
 */
const raftBounds: readonly Bounds[] = [
  { voters: 1, maxTerm: 2, maxLog: 1, asks: 'reads', isTimed: false, snapshots: false },
  { voters: 3, maxTerm: 2, maxLog: 1, asks: 'nothing', isTimed: false, snapshots: false },
  { voters: 5, maxTerm: 1, maxLog: 0, asks: 'nothing', isTimed: false, snapshots: false },
  { voters: 2, maxTerm: 1, maxLog: 1, asks: 'both', isTimed: false, snapshots: false },
  { voters: 2, maxTerm: 1, maxLog: 2, asks: 'reads', isTimed: false, snapshots: false },
  { voters: 2, maxTerm: 1, maxLog: 1, asks: 'both', isTimed: true, snapshots: false },
  { voters: 3, maxTerm: 1, maxLog: 1, asks: 'transfers', isTimed: false, snapshots: true },
  {
    voters: 2,
    maxTerm: 2,
    maxLog: 1,
    asks: 'transfers',
    isTimed: false,
    snapshots: true,
    sendsNoEntries: true,
  },
  { ...changing, ...sendsNoEntries, members: { ...alone, learners: [2] }, changes },
  { ...changing, maxLog: 0, members: { ...alone, voters: [2], learners: [1] } },
  {
    ...changing,
    maxLog: 1,
    isTimed: true,
    snapshots: true,
    members: { ...alone, voters: [2], learners: [1] },
  },
  { ...changing, maxLog: 1, asks: 'reads', members: { ...alone, learners: [2] } },
  { ...changing, maxLog: 1, asks: 'transfers', changes: [[{ type: 'remove', node: 2 }]] },
  {
    ...changing,
    ...sendsNoEntries,
    voters: 3,
    maxLog: 1,
    asks: 'reads',
    members: { ...alone, voters: [1, 2], learners: [3] },
    changes: [[{ type: 'promote', node: 3 }]],
  },
  {
    ...changing,
    ...sendsNoEntries,
    voters: 3,
    maxLog: 1,
    asks: 'transfers',
    members: { ...alone, voters: [1, 2], learners: [3] },
    changes: [[{ type: 'promote', node: 3 }]],
  },
  {
    ...changing,
    ...sendsNoEntries,
    maxTerm: 2,
    asks: 'transfers',
    members: { ...alone, index: 1, voters: [1, 2], outgoing: [1] },
  },
  {
    ...changing,
    ...sendsNoEntries,
    maxTerm: 2,
    maxLog: 3,
    members: { ...alone, index: 1, voters: [2], outgoing: [1, 2] },
  },
  { ...changing, ...sendsNoEntries, maxTerm: 2, members: { ...alone, index: 1, learners: [2] } },
];

/** What the role chart, or a changed copy of it, does in all of these worlds. Takes a minute. */
export const raftEvidence = (
  machine: typeof raftMachine = raftMachine,
  universe: Universe = universeOf(walk(machine)),
): Evidence => enumerate(raftBounds.map((bounds) => raftSpace(bounds, universe, machine)));
