import { describe, expect, test } from 'vitest';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { dropUpTo } from '../../../src/raft/log-shape.ts';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import type { ExplorerParts } from '../../../src/verify/explore/exploration.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { expectViolation } from './expect-violation.ts';
import { smallCluster } from './small-cluster.ts';

const alwaysKeepsLog = withDecision('adoptSnapshot', (context, _, right) => {
  const { index, term } = context.incoming!;
  if (index >= context.log.lastIndex) return right;
  const log = { ...dropUpTo(context.log, index), snapshotTerm: term };
  return { ...right, patch: { ...right.patch, log } };
});

const compactsUncommitted = withDecision('compactLog', (context, _, right) => ({
  ...right,
  patch: { ...right.patch, log: dropUpTo(context.log, context.log.lastIndex) },
}));

const takesOwnTerm = withDecision('adoptSnapshot', (context, _, right) => ({
  ...right,
  patch: { ...right.patch, log: { ...right.patch.log!, snapshotTerm: context.currentTerm } },
}));

/** The node's own assertions left out: the properties must tell. */
const oldSnapshotsTaken = withDecision(
  'adoptSnapshot',
  (_, __, right) => right,
  withGuards({ isSnapshotStale: () => false, isReceivedStale: () => false }),
);

/** The bug, the chart, where it is looked for, what tells of it. */
const bugs: readonly (readonly [
  string,
  typeof raftMachine,
  Partial<ExploreOptions>,
  string,
  ExplorerParts?,
])[] = [
  [
    'a log that conflicts with a snapshot and is kept (paper §7, Figure 13, step 7)',
    alwaysKeepsLog,
    { maxTerm: 2, maxLog: 2, messages: 1, loss: true, snapshots: 1 },
    'Terms Rise Along A Log',
    { reductions: true },
  ],
  [
    'a log that drops what is not committed (paper §7)',
    compactsUncommitted,
    { nodes: 2, maxLog: 2, messages: 1, snapshots: 1 },
    'Snapshot Safety',
  ],
  [
    'a log that begins with the term of whoever sent the snapshot (paper §7, Figure 13)',
    takesOwnTerm,
    { maxTerm: 2, maxLog: 2, messages: 1, snapshots: 1 },
    'Snapshot Safety',
    { reductions: true },
  ],
  [
    'a snapshot older than what is committed that takes the place of the log (paper §7)',
    oldSnapshotsTaken,
    { maxLog: 2, messages: 2, snapshots: 1 },
    'Applied Is Committed',
    { reductions: true },
  ],
];

describe('a bug in compaction or installation is found, and its schedule shows it again:', () => {
  test.each(bugs.map(([name, ...bug]) => ({ name, bug })))('$name', ({ bug }) => {
    const [machine, bounds, property, parts] = bug;
    const options = { ...smallCluster, ...bounds };
    const found = explore(options, { ...parts, machine });
    expect(found).toMatchObject({ outcome: 'violation', violation: { property } });
    const schedule = 'schedule' in found ? found.schedule : [];
    expectViolation([...playSchedule(options, schedule, machine)], schedule.length, property);
  });
});
