import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { enumerate } from '../../statechart/coverage/enumeration.ts';
import type { Evidence } from '../../statechart/coverage/grounds.ts';
import { type Universe, universeOf } from '../../statechart/coverage/universe.ts';
import { walk } from '../../statechart/read/walk.ts';
import type { Bounds } from './messages-within.ts';
import { raftSpace } from './raft-space.ts';

/**
 * Worlds small enough to enumerate, in which every transition of the chart that is not excluded is taken: a
 * single node; three nodes, with terms to lag behind and an entry to lack, to replace and to commit; five, where a vote that is
 * granted is not yet a majority; two, whose clients ask for transfers and reads, with leases and without, and where answers are to any round; and some with snapshots, one of them without entries from leaders, so that a leader of a second term may hold a snapshot that it was sent in the first.
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
];

/** What the role chart, or a changed copy of it, does in all of these worlds. Takes some seconds. */
export const raftEvidence = (
  machine: typeof raftMachine = raftMachine,
  universe: Universe = universeOf(walk(machine)),
): Evidence => enumerate(raftBounds.map((bounds) => raftSpace(bounds, universe, machine)));
