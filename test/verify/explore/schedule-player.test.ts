import { describe, expect, it } from 'vitest';
import { withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { voteSentBeforePersisted } from '../../../src/simulate/broken/broken-charts.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { type ScriptedStep, scheduleOf } from './scripted-schedule.ts';

const prompt = { nodes: 3, disk: 'prompt' } as const;
const slow = { nodes: 3, disk: 'slow' } as const;

const election: readonly ScriptedStep[] = [
  ['timeout', 1, 'electionTimeout'],
  ['deliver', 'PreVote', 1, 2],
  ['deliver', 'PreVoteResponse', 2, 1],
  ['deliver', 'RequestVote', 1, 2],
  ['deliver', 'RequestVoteResponse', 2, 1],
];

/** The last chart step of each node. */
const lastStates = (options: typeof prompt | typeof slow, steps: readonly ScriptedStep[]) => {
  const states: Record<number, string> = {};
  for (const event of playSchedule(options, scheduleOf(options, steps))) {
    if (event.type === 'chart') {
      const { state, term, commitIndex } = event.after;
      states[event.node] = `${state} ${term} ${commitIndex}`;
    }
    if (event.type === 'started') states[event.node] = `${event.state.state} ${event.state.term} 0`;
  }
  return states;
};

describe('player of schedules', () => {
  it('elects a leader, replicates and commits with a prompt disk (paper §5.2, §5.3)', () => {
    const steps: readonly ScriptedStep[] = [
      ...election,
      ['deliver', 'AppendEntries', 1, 2],
      ['deliver', 'AppendEntriesResponse', 2, 1],
    ];
    expect(lastStates(prompt, steps)).toEqual({
      1: 'leader.{transfer.idle, configuration.settled} 1 1',
      2: 'follower.leased 1 0',
      3: 'follower.unleased 0 0',
    });
  });

  it('holds messages back until the write before them is durable with a slow disk (Figure 2, "Persistent state")', () => {
    expect(() => scheduleOf(slow, election)).toThrow('no RequestVote from 1 to 2 was sent');
    const steps: readonly ScriptedStep[] = [...election.slice(0, 3), ['durable', 1], ...election.slice(3, 4)];
    expect(lastStates(slow, steps)[2]).toBe('follower.unleased 1 0');
  });

  it('starts a node again on what its disk kept (Figure 2, "Persistent state")', () => {
    const campaign = election.slice(0, 3);
    expect(lastStates(prompt, [...campaign, ['crash', 1, 0]])[1]).toBe('follower.unleased 1 0');
    expect(lastStates(slow, [...campaign, ['crash', 1, 0]])[1]).toBe('follower.unleased 0 0');
    expect(lastStates(slow, [...campaign, ['crash', 1, 1]])[1]).toBe('follower.unleased 1 0');
  });

  it('delivers a duplicate, and loses what it is told to lose', () => {
    const steps: readonly ScriptedStep[] = [
      ['timeout', 1, 'electionTimeout'],
      ['deliverAgain', 'PreVote', 1, 2],
      ['deliver', 'PreVote', 1, 2],
      ['lose', 'PreVote', 1, 3],
    ];
    const events = [...playSchedule(prompt, scheduleOf(prompt, steps))];
    expect(events.filter(({ type }) => type === 'delivered')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'lost')).toHaveLength(1);
  });

  it('has a leader that has removed itself tell all of the best followers, whose names decide nothing (thesis §4.2.2)', () => {
    const toBoth = (type: 'AppendEntries'): readonly ScriptedStep[] =>
      [2, 3].flatMap((node): readonly ScriptedStep[] => [
        ['deliver', type, 1, node],
        ['deliver', `${type}Response`, node, 1],
      ]);
    const steps: readonly ScriptedStep[] = [
      ...election,
      ...toBoth('AppendEntries'),
      ['change', 1, [{ type: 'remove', node: 1 }]],
      ...toBoth('AppendEntries'),
      ...toBoth('AppendEntries'),
    ];
    const events = [...playSchedule(prompt, scheduleOf(prompt, steps))];
    const told = events.flatMap((event) =>
      event.type === 'sent' && event.message.type === 'TimeoutNow' ? [event.message.to] : [],
    );
    expect(told).toEqual([2, 3]);
  });

  it('refuses a step that cannot be taken, by name', () => {
    const schedule = scheduleOf(prompt, election);
    expect(() => [...playSchedule(prompt, schedule.slice(1))]).toThrow(
      'no such PreVote of term 1 from node1 to node2 is under way',
    );
    const timeout = { event: { type: 'timeout', node: 2, timer: 'quorumCheck' }, dropped: [] } as const;
    expect(() => [...playSchedule(prompt, [timeout])]).toThrow('no quorumCheck is armed on node2');
  });

  it('ends with the violation that a broken chart brings about (Figure 2, "Persistent state")', () => {
    const steps: readonly ScriptedStep[] = [
      ...election.slice(0, 3),
      ['durable', 1],
      ['deliver', 'RequestVote', 1, 2],
      // What is durable is the term alone.
      ['durable', 2],
    ];
    const schedule = scheduleOf(slow, steps, voteSentBeforePersisted);
    const events = [...playSchedule(slow, schedule, voteSentBeforePersisted)];
    expect(events.at(-1)).toMatchObject({
      type: 'violation',
      atMs: 6,
      violation: { property: 'Durable Before Promised' },
    });
    const whole = [...playSchedule(slow, scheduleOf(slow, steps))];
    expect(whole.some(({ type }) => type === 'violation')).toBe(false);
  });

  it('takes a node that finds itself wrong for a violation (paper §5.2)', () => {
    const votesTwice = withGuards({ votedForAnother: () => false });
    const steps: readonly ScriptedStep[] = [
      ['timeout', 1, 'electionTimeout'],
      ['timeout', 2, 'electionTimeout'],
      ['deliver', 'PreVote', 1, 3],
      ['deliver', 'PreVote', 2, 3],
      ['deliver', 'PreVoteResponse', 3, 1],
      ['deliver', 'PreVoteResponse', 3, 2],
      ['deliver', 'RequestVote', 1, 3],
      ['deliver', 'RequestVote', 2, 3],
    ];
    const schedule = scheduleOf(prompt, steps, votesTwice);
    const events = [...playSchedule(prompt, schedule, votesTwice)];
    expect(events.at(-1)).toMatchObject({ violation: { property: 'Node Keeps Running' } });
    expect(events.at(-2)).toMatchObject({ type: 'stopped', node: 3, atMs: 8 });
  });
});
