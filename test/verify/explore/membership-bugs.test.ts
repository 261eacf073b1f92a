import { describe, expect, test } from 'vitest';
import { type DecisionName, decisions } from '../../../machines/raft/actions.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { currentConfiguration, isJoint } from '../../../src/raft/configuration.ts';
import type { RaftContext } from '../../../src/raft/context.ts';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { replayOnNodes } from '../../../src/verify/driven/driven-cluster.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { expectViolation } from './expect-violation.ts';
import { type ScriptedStep, scheduleOf } from './scripted-schedule.ts';
import { smallCluster } from './small-cluster.ts';

type Chart = typeof raftMachine;

const electionOf = (node: number, voters: readonly number[]): readonly ScriptedStep[] => [
  ['timeout', node, 'electionTimeout'],
  ...(['PreVote', 'RequestVote'] as const).flatMap((type) =>
    voters.flatMap((voter): readonly ScriptedStep[] => [
      ['deliver', type, node, voter],
      ['deliver', `${type}Response`, voter, node],
    ]),
  ),
];

/** As if the configuration in force were not joint. */
const ofNewVoters = (context: RaftContext): RaftContext => ({
  ...context,
  configurations: context.configurations.map((each) => ({ ...each, outgoing: [] })),
});

/** Entries are committed by a majority of the new voters, whatever the old ones hold. */
const committedByNewVoters = (
  ['recordMatch', 'recordPersisted'] as const satisfies DecisionName[]
).reduce<Chart>(
  (chart, name) =>
    withDecision(
      name,
      (context, event) => {
        const { raised = [], ...decided } = decisions[name](ofNewVoters(context), event);
        const isFirstStep = isJoint(currentConfiguration(context.configurations));
        return {
          ...decided,
          raised: raised.map((each) =>
            isFirstStep && each.type === 'FinalCommitted' ? { type: 'JointCommitted' } : each,
          ),
        };
      },
      chart,
    ),
  raftMachine,
);

/** The new voters are in force as soon as they are appended, and alone. */
const jointSkipped = withGuards({ keepsVoters: () => true });

/** A leader changes the members as soon as it is elected. */
const withoutOwnEntry = { isOwnTermUncommitted: () => false };

/** Of four voters, two leaders remove one each: the other one, before either has committed anything. */
const twoRemovals: readonly ScriptedStep[] = [
  ...electionOf(1, [2, 3]),
  ['change', 1, [{ type: 'remove', node: 4 }]],
  ...electionOf(2, [3, 4]),
  // From then on node 3 may elect node 1, while nodes 2 and 4 go on.
  ['change', 2, [{ type: 'remove', node: 1 }]],
];

/** The bug, the chart, where it is looked for, what tells of it. */
const bugs: readonly (readonly [string, Chart, Partial<ExploreOptions>, string])[] = [
  [
    'new voters that decide without the old ones (thesis §4.3)',
    jointSkipped,
    { maxTerm: 2, maxLog: 2, messages: 1 },
    'Configuration Safety',
  ],
  [
    'a joint configuration that the new voters commit alone (thesis §4.3)',
    committedByNewVoters,
    { maxLog: 3, messages: 1 },
    'Committed On Majority',
  ],
];

/** The schedule leads to a violation of `property` with its last step: in the player, and on real nodes. */
const expectShown = async (
  options: Parameters<typeof playSchedule>[0],
  schedule: Parameters<typeof playSchedule>[1],
  machine: Chart,
  property: string,
): Promise<void> => {
  expectViolation([...playSchedule(options, schedule, machine)], schedule.length, property);
  expect(await replayOnNodes(schedule, { options, machine })).toMatchObject({ property });
};

describe('a bug in changing the members is found, its schedule shows it again, and real nodes do as well:', () => {
  test.each(bugs.map(([name, ...bug]) => ({ name, bug })))('$name', async ({ bug }) => {
    const [machine, bounds, property] = bug;
    const options = { ...smallCluster, reconfigurations: 1, ...bounds };
    const found = explore(options, { machine, reductions: true });
    expect(found).toMatchObject({ outcome: 'violation', violation: { property } });
    const schedule = 'schedule' in found ? found.schedule : [];
    await expectShown(options, schedule, machine, property);
  });

  test('voters that change one by one, under leaders that have committed nothing in their term (thesis §4.1)', async () => {
    const options = { nodes: 4, disk: 'prompt' } as const;
    const machine = withGuards({ ...withoutOwnEntry, keepsVoters: () => true });
    const schedule = scheduleOf(options, twoRemovals, machine);
    await expectShown(options, schedule, machine, 'Configuration Safety');
    // The rule refuses both, and so does a joint phase.
    for (const kept of [withGuards({ keepsVoters: () => true }), withGuards(withoutOwnEntry)]) {
      expect([...playSchedule(options, schedule, kept)].at(-1)?.type).not.toBe('violation');
    }
  });

  test('a joint phase makes up for a leader that has committed nothing in its term', () => {
    const bounds = { nodes: 2, maxTerm: 2, maxLog: 3, messages: 1, reconfigurations: 1 };
    const options: ExploreOptions = { ...smallCluster, ...bounds };
    const machine = withGuards(withoutOwnEntry);
    expect(explore(options, { machine, reductions: true }).outcome).toBe('exhausted');
  });
});
