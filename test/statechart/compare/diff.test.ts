import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { diffCharts, isEmptyDiff } from '../../../src/statechart/compare/diff.ts';
import { diffScene } from '../../../src/statechart/compare/diff-scene.ts';
import { diffToMarkdown, diffToText } from '../../../src/statechart/compare/diff-text.ts';
import { toSvg } from '../../../src/statechart/draw/svg.ts';
import { toStately } from '../../../src/statechart/export/stately.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import type { MachineSources } from '../../../src/statechart/source/machine-sources.ts';
import { overlaps } from '../draw/overlaps.ts';
import { parseXml } from '../draw/xml-tree.ts';

const before = walk(raftMachine as unknown as AnyStateMachine);

/** The role chart with its config, as JSON, changed in place. */
const changed = (change: (config: Config) => void) => {
  const config = JSON.parse(toStately(raftMachine as unknown as AnyStateMachine)) as Config;
  change(config);
  // What computes the context is not in JSON.
  return walk(createMachine({ ...config, context: raftMachine.config.context } as never));
};

/** A machine with one rule, of which this is the last line. */
const ruled = (line: string): MachineSources => ({
  definitions: [{ kind: 'guard', name: 'isLogBehind', roots: [0], rule: 0 }],
  declarations: [
    {
      name: 'isLogBehind',
      path: 'src/rules.ts',
      line: 3,
      text: `a\nreturn ${line}`,
      form: line,
      refs: [],
      mentions: [],
    },
  ],
});

// biome-ignore lint/suspicious/noExplicitAny: a config of any shape, to be changed anywhere.
type Config = any;

describe('diff of the role chart', () => {
  it('with itself is empty', () => {
    const diff = diffCharts(
      before,
      changed(() => {}),
    );
    expect(isEmptyDiff(diff)).toBe(true);
    expect(diffToText(diff, false)).toBe('No difference.\n');
  });

  it('tells that a refusal was forgotten: votes are given without a look at the log', () => {
    const after = changed(({ states }) => {
      states.follower.on.RequestVote.splice(1, 1);
    });
    const diff = diffCharts(before, after);
    expect(diffToText(diff, false)).toBe(
      [
        'Transitions',
        '  - follower: RequestVote [isLogBehind] / denyVote',
        '',
        '1 transition removed.',
        '',
      ].join('\n'),
    );
  });

  it('tells that a pre-vote was skipped, and a timer renamed', () => {
    const after = changed(({ states }) => {
      states.follower.after = {
        campaignTimeout: { ...states.follower.after.electionTimeout, target: 'candidate' },
      };
    });
    const text = diffToText(diffCharts(before, after), false);
    expect(text).toContain('  - follower: after electionTimeout → preCandidate\n');
    expect(text).toContain('  + follower: after campaignTimeout → candidate\n');
    expect(text).toContain('  + delay campaignTimeout\n');
  });

  it('tells that a guard has another name, branches another order and a state another sentence', () => {
    const after = changed(({ states }) => {
      states.leader.on.AppendEntriesResponse[1].guard = 'isForeignMatch';
      states.follower.on.RequestVote = states.follower.on.RequestVote.toSpliced(
        0,
        2,
        ...states.follower.on.RequestVote.slice(0, 2).reverse(),
      );
      states.candidate.description = 'Asks for votes.';
      states.candidate.entry = ['startElection', 'drawElectionTimeout'];
    });
    const diff = diffCharts(before, after);
    expect(diffToMarkdown(diff)).toBe(
      [
        '**raft**: 1 state changed, 3 transitions changed, 1 guard added, 1 guard removed.',
        '',
        '```diff',
        '  States',
        '!   candidate',
        '-     entry: drawElectionTimeout, startElection',
        '+     entry: startElection, drawElectionTimeout',
        '-     description: Asks for votes to become the leader of currentTerm.',
        '+     description: Asks for votes.',
        '  Transitions',
        '!   follower: RequestVote [isLogBehind] / denyVote',
        '-     order: branch 2',
        '+     order: branch 1',
        '!   follower: RequestVote [votedForAnother] / denyVote',
        '-     order: branch 1',
        '+     order: branch 2',
        '!   leader: AppendEntriesResponse [isForeignMatch] / ignore',
        '-     guard: isMatchBeyondLog',
        '+     guard: isForeignMatch',
        '  Names',
        '-   guard isMatchBeyondLog',
        '+   guard isForeignMatch',
        '```',
        '',
      ].join('\n'),
    );
  });

  it('tells that the rule behind a name reads otherwise, though the chart is the same', () => {
    const diff = diffCharts(before, before, { before: ruled('x > y'), after: ruled('x >= y') });
    expect(diffToText(diff, false)).toBe(
      [
        'Definitions',
        '  ~ isLogBehind, src/rules.ts:3',
        '        a',
        '      - return x > y',
        '      + return x >= y',
        '    used by:',
        '      guard isLogBehind',
        '      follower: RequestVote [isLogBehind] / denyVote',
        '      follower: PreVote [isLogBehind] / denyPreVote',
        '      preCandidate: RequestVote [isLogBehind] / denyVote',
        '      preCandidate: PreVote [isLogBehind] / denyPreVote',
        '      candidate: PreVote [isLogBehind] / denyPreVote',
        '',
        '1 definition changed.',
        '',
      ].join('\n'),
    );
    const scene = diffScene(diff);
    expect(overlaps(scene)).toEqual([]);
    const texts = scene.items.flatMap((item) => (item.kind === 'label' ? [item.text] : []));
    expect(texts).toContain('isLogBehind');
    expect(texts.some((text) => text.includes('src/rules.ts:3'))).toBe(true);
  });

  it('draws what changed, with a sign for each part and no text over another', () => {
    const after = changed(({ states }) => {
      delete states.follower.states.leased.on;
      states.candidate.on.RequestVote.target = 'follower';
      states.learner = { description: 'Has no vote.', on: { Proposed: { actions: 'rejectProposals' } } };
    });
    const scene = diffScene(diffCharts(before, after));
    expect(overlaps(scene)).toEqual([]);
    expect(parseXml(toSvg(scene, 'light')).name).toBe('svg');
    const texts = scene.items.flatMap((item) => (item.kind === 'label' ? [item.text] : []));
    for (const text of ['learner', 'candidate', 'follower.leased', '+', '−', '~'])
      expect(texts).toContain(text);
  });
});
