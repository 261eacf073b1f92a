import { describe, expect, test } from 'vitest';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { TimedEvent } from '../../../src/trace/events.ts';
import { replayOnNodes } from '../../../src/verify/driven/driven-cluster.ts';
import type { ClusterEvent, ScheduledEvent } from '../../../src/verify/explore/cluster-event.ts';
import { UnplayableSchedule } from '../../../src/verify/explore/messages-under-way.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { toPathMessage } from '../../../src/verify/paths/path-message.ts';
import { randomSchedule } from './random-schedule.ts';

/** What happens, step by step, without the payloads: a schedule leaves open what a client's command says. */
const told = (events: readonly TimedEvent[]): readonly string[] =>
  events
    // A state machine is not told of no-ops; how far it is stands in the chart's state.
    .filter(({ type }) => type !== 'violation' && type !== 'applied')
    .map((event) => {
      const { type, atMs } = event;
      if (event.type === 'chart') {
        const { node, before, after, transitions, effects } = event;
        return [atMs, 'chart', node, before, after, transitions, effects.map((effect) => effect.type)];
      }
      if (!('message' in event)) return [atMs, type, event];
      const message = toPathMessage(event.message);
      const entries =
        message.type === 'AppendEntries' ? message.entries.map(({ term, kind }) => [term, kind]) : [];
      return [atMs, type, Object.entries({ ...message, entries }).sort()];
    })
    .map((each) => JSON.stringify(each));

/** Within a step the two tell in different orders: a live chart's effects are done before its step is over. */
const byStepAndKind = (lines: readonly string[]): readonly string[] => {
  const keyOf = (line: string): string => {
    const [step, kind] = JSON.parse(line) as [number, string];
    return `${String(step).padStart(5)} ${kind}`;
  };
  return [...lines].sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
};

const events = (...all: readonly ClusterEvent[]): readonly ScheduledEvent[] =>
  all.map((event) => ({ event, dropped: [] }));

describe('a schedule of the explorer, replayed on real nodes', () => {
  test.each(['prompt', 'slow'] as const)(
    'goes as it goes on charts with effects on plain data, crashes between effects included, %s disks',
    async (disk) => {
      const options = { nodes: 3, disk };
      let [steps, crashes] = [0, 0];
      for (let seed = 1; seed <= 30; seed++) {
        const schedule = await randomSchedule(seed, 60, disk);
        const live: TimedEvent[] = [];
        expect(await replayOnNodes(schedule, { options, emit: (event) => live.push(event) })).toBeNull();
        const played = [...playSchedule(options, schedule)];
        expect(byStepAndKind(told(live)), `seed ${seed}`).toEqual(byStepAndKind(told(played)));
        steps += schedule.length;
        crashes += schedule.filter(({ event }) => event.type === 'crash').length;
      }
      expect(steps).toBeGreaterThan(500);
      expect(crashes).toBeGreaterThan(15);
    },
  );

  test('shows two leaders in one term to a chart for which two of five votes are a majority (paper §5.2, Election Safety)', async () => {
    const broken = raftMachine.provide({ guards: { ...guards, isVoteQuorum: () => true } });
    const options = { nodes: 5, disk: 'prompt' } as const;
    const electing = (node: number, voter: number): readonly ClusterEvent[] => {
      const asked = { from: node, to: voter, term: 1, lastLogIndex: 0, lastLogTerm: 0 };
      const granted = { from: voter, to: node, term: 1, voteGranted: true };
      return [
        { type: 'timeout', node, timer: 'electionTimeout' },
        { type: 'deliver', message: { type: 'PreVote', ...asked } },
        { type: 'deliver', message: { type: 'PreVoteResponse', ...granted } },
        { type: 'deliver', message: { type: 'RequestVote', ...asked, leadershipTransfer: false } },
        { type: 'deliver', message: { type: 'RequestVoteResponse', ...granted } },
      ];
    };
    const schedule = events(...electing(1, 2), ...electing(3, 4));
    const seen: TimedEvent[] = [];
    const found = await replayOnNodes(schedule, {
      options,
      machine: broken,
      emit: (event) => seen.push(event),
    });
    expect(found?.property).toBe('Election Safety');
    expect(seen.at(-1)).toMatchObject({ type: 'violation', atMs: schedule.length, violation: found });
    // With the chart as it is the third vote is waited for.
    expect(await replayOnNodes(schedule.slice(0, 2), { options })).toBeNull();
    await expect(replayOnNodes(schedule, { options })).rejects.toThrow(UnplayableSchedule);
  });

  test('says what of a schedule cannot happen', async () => {
    const options = { nodes: 3, disk: 'slow' } as const;
    const wrong: readonly [ClusterEvent, RegExp][] = [
      [{ type: 'timeout', node: 1, timer: 'quorumCheck' }, /no quorumCheck is armed on node1/],
      [{ type: 'durable', node: 2 }, /no write of node2 waits for its disk/],
      [{ type: 'crash', node: 3, writes: 1 }, /0 writes of node3 wait for its disk, not 1/],
      [{ type: 'propose', node: 4 }, /there is no node 4/],
      [
        { type: 'lose', message: { type: 'PreVoteResponse', from: 1, to: 2, term: 1, voteGranted: true } },
        /no such PreVoteResponse of term 1 from node1 to node2 is under way/,
      ],
    ];
    for (const [event, message] of wrong) {
      await expect(replayOnNodes(events(event), { options })).rejects.toThrow(message);
    }
  });
});
