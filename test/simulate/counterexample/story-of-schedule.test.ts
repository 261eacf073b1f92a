import { describe, expect, it } from 'vitest';
import { type BrokenRule, brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import { storyOfFile } from '../../../src/simulate/counterexample/story-of-file.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import { textStory } from '../../../src/simulate/scenario/text/text-story.ts';
import type { ExploreOptions, ScheduledEvent } from '../../../src/verify/explore/cluster-event.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import { type ExploredChart, scheduleFileText } from '../../../src/verify/explore/schedule-file.ts';
import { type ScriptedStep, scheduleOf } from '../../verify/explore/scripted-schedule.ts';
import { smallCluster } from '../../verify/explore/small-cluster.ts';

const ruleOf = (name: string): BrokenRule => brokenRules.find((each) => each.name === name)!;

const fileOf = (options: ExploreOptions, schedule: readonly ScheduledEvent[], chart: ExploredChart): string =>
  scheduleFileText({ options, schedule, chart, property: 'Any' }, []);

const directivesOf = (story: string): readonly string[] => story.trimEnd().split('\n\n')[1]!.split('\n');

const electionOf = (node: number, voter: number): readonly ScriptedStep[] => [
  ['timeout', node, 'electionTimeout'],
  ['deliver', 'PreVote', node, voter],
  ['deliver', 'PreVoteResponse', voter, node],
  ['deliver', 'RequestVote', node, voter],
  ['deliver', 'RequestVoteResponse', voter, node],
];

/** Node 2 leads, and has committed what node 1, which led before, does not know when it answers a read. */
const staleRead: readonly ScriptedStep[] = [
  ...electionOf(1, 2),
  ['deliver', 'AppendEntries', 1, 2],
  ['deliver', 'AppendEntriesResponse', 2, 1],
  ['lose', 'AppendEntries', 1, 3],
  // Schedules number rounds and reads in another way than nodes do.
  ['timeout', 1, 'heartbeatInterval'],
  ['deliver', 'AppendEntries', 1, 2],
  ['read', 3, 1],
  ['read', 2, 2],
  ['deliver', 'ReadIndex', 2, 1],
  ['transfer', 1, 2],
  ['lose', 'TimeoutNow', 1, 2],
  ['timeout', 1, 'transferTimeout'],
  ['change', 1, [{ type: 'demote', node: 3 }]],
  ['propose', 1],
  ['crash', 3, 0],
  ...electionOf(2, 3),
  ['deliverAgain', 'AppendEntries', 2, 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['deliver', 'AppendEntries', 2, 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['timeout', 2, 'heartbeatInterval'],
  ['read', 1, 3],
];

const slowElectionOf = (node: number, voter: number): readonly ScriptedStep[] => {
  const steps = electionOf(node, voter);
  return [
    ...steps.slice(0, 3),
    ['durable', node],
    steps[3]!,
    ['durable', voter],
    ['durable', voter],
    ...steps.slice(4),
  ];
};

/** The same, where each write waits for its disk, and a crash takes what node 3 has from node 1. */
const slowly: readonly ScriptedStep[] = [
  // With it the first seed leaves something on the disk at the next one.
  ['crash', 3, 0],
  ...slowElectionOf(1, 2),
  ['durable', 1],
  ['deliver', 'AppendEntries', 1, 2],
  ['durable', 2],
  ['deliver', 'AppendEntriesResponse', 2, 1],
  ['deliver', 'AppendEntries', 1, 3],
  // Its term is kept, and the entry is not.
  ['crash', 3, 1],
  ...slowElectionOf(2, 3),
  ['durable', 2],
  ['deliver', 'AppendEntries', 2, 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['deliver', 'AppendEntries', 2, 3],
  ['durable', 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['read', 1, 1],
];

const roomy: ExploreOptions = { ...smallCluster, spares: 1, maxTerm: 2, maxLog: 5, messages: 9, crashes: 3 };
const machine = ruleOf('read-without-round').replacements.machine!;

describe('a counterexample of the explorer', () => {
  it.each([
    ['vote-before-fsync', {}],
    ['acknowledged-before-durable', { disk: 'slow' }],
    ['votes-without-log-check', { maxTerm: 3, messages: 2 }],
    ['delayed-append-truncates', { maxTerm: 1, maxLog: 2, duplicates: true, messages: 3 }],
  ] as const)(
    'that breaks %s becomes a story that violates the same property',
    async (name, bounds) => {
      const options = { ...smallCluster, ...bounds };
      const { machine } = ruleOf(name).replacements;
      const end = explore(options, { machine: machine! });
      if (end.outcome !== 'violation') throw new Error(end.outcome);
      const story = await storyOfFile(fileOf(options, end.schedule, { broken: name }), null);
      expect(story).toContain(`broken: ${name}\nseed: 1\nviolates: ${end.violation.property}\n`);
      expect(await runStory(textStory('story', story), { seed: 1, print: () => {} })).toBeNull();
    },
    60_000,
  );

  it('is told step by step, each in its directive', async () => {
    const schedule = scheduleOf(roomy, staleRead, machine);
    const story = await storyOfFile(fileOf(roomy, schedule, { broken: 'read-without-round' }), null);
    expect(story).toContain('\nnodes: 3\nspares: 1\nbroken: read-without-round\n');
    expect(story).toContain('violates: Read Safety\n');
    expect(directivesOf(story)).toEqual([
      'start',
      'campaign 1',
      'deliver from 1 to 2 PreVote',
      'deliver from 2 to 1 PreVoteResponse',
      'deliver from 1 to 2 RequestVote',
      'deliver from 2 to 1 RequestVoteResponse',
      'deliver from 1 to 2 AppendEntries',
      'deliver from 2 to 1 AppendEntriesResponse',
      'drop from 1 to 3 AppendEntries',
      'heartbeat 1',
      'deliver from 1 to 2 AppendEntries',
      'read 3 x',
      'read 2 x',
      'deliver from 2 to 1 ReadIndex',
      'transfer 1 to 2',
      'drop from 1 to 2 TimeoutNow',
      'tick 1 transferTimeout',
      'change 1 demote 3',
      'propose 1 put x 1',
      'crash 3',
      'restart 3',
      'campaign 2',
      'deliver from 2 to 3 PreVote',
      'deliver from 3 to 2 PreVoteResponse',
      'deliver from 2 to 3 RequestVote',
      'deliver from 3 to 2 RequestVoteResponse',
      'repeat from 2 to 3 AppendEntries',
      'deliver from 3 to 2 AppendEntriesResponse',
      'deliver from 2 to 3 AppendEntries last',
      'deliver from 3 to 2 AppendEntriesResponse',
      'heartbeat 2',
      'read 1 x',
    ]);
  });

  it('is told with the seed by which a crash leaves on the disk what the schedule says', async () => {
    const options: ExploreOptions = { ...roomy, disk: 'slow' };
    const schedule = scheduleOf(options, slowly, machine);
    const story = await storyOfFile(fileOf(options, schedule, { broken: 'read-without-round' }), null);
    expect(story).toContain('\nsync 3\ncrash 3\nrestart 3\n');
    expect(story).toMatch(/^seed: [2-8]\nviolates: Read Safety$/m);
  });

  it.each([
    [0, ['drop from 1 to 3 AppendEntries', 'crash 3', 'restart 3']],
    [1, ['crash 3 after 1', 'deliver from 1 to 3 AppendEntries', 'restart 3']],
  ])(
    'is told with a crash after %i effects of a message, whatever the disk keeps then',
    async (effects, lines) => {
      const schedule = scheduleOf(roomy, staleRead, machine).map(({ event, dropped }): ScheduledEvent => {
        if (event.type !== 'lose' || event.message.type !== 'AppendEntries') return { event, dropped };
        const { message } = event;
        const during = { type: 'deliver', message } as const;
        return { event: { type: 'crash', node: message.to, writes: 0, during, effects }, dropped };
      });
      const story = await storyOfFile(fileOf(roomy, schedule, { broken: 'read-without-round' }), null);
      expect(story).toContain(`violates: Read Safety\n`);
      expect(story).toContain(`\n${lines.join('\n')}\nheartbeat 1\n`);
    },
  );

  it.each([
    ['of a chart that is not here', { file: 'mine.ts', export: null }, staleRead, 'it is of a chart'],
    ['that violates nothing', null, staleRead, 'nothing is violated by the end of its 30 steps; replay it'],
  ] as const)('%s is refused in one line', async (_, chart, steps, line) => {
    const file = fileOf(roomy, scheduleOf(roomy, steps), chart);
    await expect(storyOfFile(file, null)).rejects.toThrow(`no story tells this counterexample: ${line}`);
  });

  it('whose nodes do something else is refused in one line', async () => {
    const [first, second] = scheduleOf(smallCluster, staleRead.slice(0, 2));
    const { event } = second!;
    if (event.type !== 'deliver') throw new Error(event.type);
    const other = { dropped: [], event: { ...event, message: { ...event.message, term: 9 } } };
    await expect(storyOfFile(fileOf(smallCluster, [first!, other], null), null)).rejects.toThrow(
      'no story tells this counterexample: at step 2 its nodes do something else: nobody sends this PreVote from 1 to 2',
    );
  });

  it('of a rule that nobody knows is refused in one line', async () => {
    const file = fileOf(smallCluster, [], { broken: 'no-such-rule' });
    await expect(storyOfFile(file, null)).rejects.toThrow(
      /^there is no rule "no-such-rule" to break: open it with the raftchart that wrote it$/,
    );
  });

  it('that crashes a node in the middle of a crash is refused in one line, however deep', async () => {
    let during = '{"type":"propose","node":1}';
    for (let depth = 0; depth < 5000; depth++)
      during = `{"type":"crash","node":1,"writes":0,"during":${during},"effects":1}`;
    const text = fileOf(smallCluster, [], null).replace(
      '"schedule":[]',
      `"schedule":[{"event":${during},"dropped":[]}]`,
    );
    await expect(storyOfFile(text, null)).rejects.toThrow(
      /^this trace cannot be played: its schedule cannot/,
    );
  });

  it('that is cut off is refused in one line', async () => {
    const file = fileOf(smallCluster, [], null);
    await expect(storyOfFile(file.slice(0, -9), null)).rejects.toThrow(
      /^this trace cannot be played: its first line is no JSON/,
    );
  });
});
