import { describe, expect, test } from 'vitest';
import type { RaftContext } from '../../../src/raft/context.ts';
import type { Decision, Effect } from '../../../src/raft/effects.ts';
import type { RaftEvent } from '../../../src/raft/inputs.ts';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { voteSentBeforePersisted } from '../../../src/simulate/broken/broken-charts.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import {
  type BetterWay,
  EverSentExplorer,
} from '../../../src/verify/explore/ever-sent/ever-sent-explorer.ts';
import { clusterOf, type Exploration, type ExplorerParts } from '../../../src/verify/explore/exploration.ts';
import { explorationOf, explore } from '../../../src/verify/explore/explore.ts';
import { Explorer } from '../../../src/verify/explore/explorer.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { permutationsOf } from '../../../src/verify/explore/symmetry.ts';
import * as rules from '../../mutants/broken-rules.ts';
import { imageTexts, type ReadState, readEverSent, readStates } from './least-states.ts';
import { smallCluster } from './small-cluster.ts';

const open: ExploreOptions = { ...smallCluster, loss: true, duplicates: true };

const exhausted = <E extends Exploration>(exploration: E): E => {
  while (exploration.advance(10_000) === null);
  expect(exploration.end).toEqual({ outcome: 'exhausted' });
  return exploration;
};

/** By what the nodes are and what was: the messages of each state, under every renaming. */
const byNodes = (states: readonly ReadState[], nodes: number): ReadonlyMap<string, ReadonlySet<string>[]> => {
  const map = new Map<string, ReadonlySet<string>[]>();
  for (const state of states) {
    for (const permutation of permutationsOf(nodes)) {
      const image = imageTexts(state, permutation);
      const bags = map.get(image.nodes);
      if (bags === undefined) map.set(image.nodes, [new Set(image.messages)]);
      else bags.push(new Set(image.messages));
    }
  }
  return map;
};

describe('a network that keeps all messages', () => {
  /** The bag of the plain explorer, with room for all there are: nothing is lost but by choice. */
  const spaces: readonly (readonly [string, Partial<ExploreOptions>, ExplorerParts?])[] = [
    ['2 nodes', { nodes: 2, messages: 14 }],
    ['2 nodes, a crash', { nodes: 2, messages: 14, maxLog: 0, crashes: 1 }],
    ['2 nodes, slow disk, a crash', { nodes: 2, messages: 14, maxLog: 0, crashes: 1, disk: 'slow' }],
    [
      '2 nodes, nothing left out',
      { nodes: 2, messages: 20, maxLog: 0 },
      { reductions: false, symmetry: false },
    ],
  ];
  for (const [name, options, parts = {}] of spaces) {
    test(`leads to the same nodes and histories as one that loses and repeats them one by one: ${name}`, () => {
      const asked = { ...open, ...options };
      const plain = exhausted(new Explorer(asked, parts));
      expect(plain.figures.dropped).toBe(0);
      const kept = exhausted(new EverSentExplorer(clusterOf(asked, parts)));
      const found = byNodes(readEverSent(kept), asked.nodes);
      expect(new Set(found.keys())).toEqual(new Set(byNodes(readStates(plain), asked.nodes).keys()));
      expect(kept.figures.states).toBeLessThan(plain.figures.states);
    });
  }

  test('covers every state of a bag that is too small', () => {
    const asked = { ...open, maxLog: 0, messages: 4 };
    const found = byNodes(readEverSent(exhausted(new EverSentExplorer(clusterOf(asked, {})))), 3);
    for (const state of readStates(exhausted(new Explorer(asked)))) {
      const { nodes, messages } = imageTexts(state, permutationsOf(3)[0]!);
      expect(found.get(nodes)?.some((bag) => messages.every((message) => bag.has(message)))).toBe(true);
    }
  });

  test('has no state twice, nor one that another covers', () => {
    const states = readEverSent(exhausted(explorationOf(open)));
    const found = byNodes(states, 3);
    for (const state of states) {
      const { nodes, messages } = imageTexts(state, permutationsOf(3)[0]!);
      const others = found.get(nodes)!.filter((bag) => bag.size > messages.length);
      expect(others.some((bag) => messages.every((message) => bag.has(message)))).toBe(false);
    }
  });

  test('is exhausted to the same figures every time', () => {
    const { outcome, figures } = explore(open);
    const { states, edges, depth, cut, dropped } = figures;
    expect({ outcome, states, edges, depth, cut, dropped }).toEqual({
      outcome: 'exhausted',
      states: 1853,
      edges: 15_732,
      depth: null,
      cut: 1548,
      dropped: 0,
    });
  });

  test('comes to the same figures when it is stopped again and again on the way', () => {
    const asked = { ...open, maxLog: 0, crashes: 1 };
    const { bytes: _, ...whole } = exhausted(explorationOf(asked)).figures;
    let stopped = explorationOf(asked);
    while (stopped.advance(3) === null) stopped = explorationOf(asked, {}, stopped.save());
    expect(stopped.figures).toMatchObject(whole);
  });

  test('goes on counting edges beyond what 32 bits hold', () => {
    const { header, arrays } = explorationOf(open).save();
    const edges = 2 ** 33;
    const resumed = explorationOf(open, {}, { header: { ...(header as object), edges }, arrays });
    resumed.advance(1);
    expect(explorationOf(open, {}, resumed.save()).figures.edges).toBeGreaterThan(edges);
  });

  test('the way to a state can be played, deaths in the middle of an event included', () => {
    const exploration = explorationOf({ ...open, crashes: 1 });
    exploration.advance(1000);
    for (let state = 0; state < exploration.figures.states; state += 41) {
      const schedule = exploration.scheduleTo(state);
      expect(() => [...playSchedule(exploration.options, schedule)]).not.toThrow();
    }
  });
});

const violated = (exploration: Exploration) => {
  while (exploration.advance(10_000) === null);
  const { end } = exploration;
  if (end?.outcome !== 'violation') throw new Error(`${end?.outcome}`);
  return end;
};

describe('a network that keeps all messages shows', () => {
  type Broken = readonly [string, NonNullable<ExplorerParts['machine']>, Partial<ExploreOptions>, string];
  const broken: readonly Broken[] = [
    [
      'a second vote in one term (paper §5.2)',
      withGuards({ votedForAnother: () => false }),
      { maxLog: 0 },
      'Node Keeps Running',
    ],
    [
      'a vote that is sent before it is durable (Figure 2)',
      voteSentBeforePersisted,
      { crashes: 1 },
      'Durable Before Promised',
    ],
    [
      'a vote that is forgotten on stepping down (paper §5.2)',
      rules.voteClearedOnStepDown,
      {},
      'One Vote Per Term',
    ],
  ];
  for (const [name, machine, options, property] of broken) {
    const asked = { ...open, ...options };

    test(`${name}, on a shortest way`, () => {
      const shortest = violated(explorationOf(asked, { machine }));
      expect(shortest.violation.property).toBe(property);
      expect(shortest.isShortest).toBe(true);
      const plain = violated(new Explorer({ ...asked, loss: false, messages: 4 }, { machine }));
      expect(shortest.schedule.length).toBe(plain.schedule.length);
    });

    const waysOf: readonly (readonly [string, readonly BetterWay[]])[] = [
      ['as it was found first', []],
      ['with few changes', [['fewest changes', 10_000]]],
      ['as short as it can be', [['shortest', 10_000]]],
    ];
    test.each(waysOf)(`${name}, on a way that can be played: %s`, (_, ways) => {
      const { violation, schedule } = violated(
        new EverSentExplorer(clusterOf(asked, { machine }), undefined, ways),
      );
      const played = [...playSchedule(asked, schedule, machine)];
      expect(played.at(-1)).toMatchObject({ type: 'violation', violation: { property: violation.property } });
    });
  }

  test('candidates that never ask again: stuck once messages are lost (paper §5.2)', () => {
    const machine = withDecision('startPreVote', (_, __, { patch }) => ({ patch, effects: [] }));
    expect(explore({ ...open, nodes: 2 }, { machine }).outcome).toBe('stuck');
  });

  test('votes that are never enough: hundreds of stuck states in a moment', () => {
    const machine = withGuards({ isVoteQuorum: () => false });
    expect(explore({ ...open, nodes: 4, crashes: 1 }, { machine }).outcome).toBe('stuck');
  }, 10_000);

  /** The term of what is sent is another one. */
  const inTerm =
    (by: number) =>
    (_: RaftContext, __: RaftEvent, { patch, effects }: Decision) => ({
      patch,
      effects: effects.map((effect): Effect => {
        if (effect.type !== 'send') return effect;
        const { message } = effect.params;
        return { ...effect, params: { message: { ...message, term: message.term + by } } };
      }),
    });

  test('no stuck state where a bound is reached by what was sent on the way alone', () => {
    // Every other time a pre-vote is asked for, in this term; the answer names the next one, which is beyond the bound.
    const askedAtTimes = withDecision('startPreVote', (context, event, right) => {
      const { patch, effects } = inTerm(-1)(context, event, right);
      const { randomState } = context;
      return { patch: { ...patch, randomState: 1 - randomState }, effects: randomState === 0 ? effects : [] };
    });
    const answered = withDecision(
      'grantPreVote',
      inTerm(1),
      withDecision('denyPreVote', inTerm(1), askedAtTimes),
    );
    const machine = withGuards({ isStaleRequest: () => false }, answered);
    const asked = { ...open, nodes: 2, maxTerm: 0, maxLog: 0, messages: 8 };
    exhausted(new Explorer(asked, { machine }));
    exhausted(explorationOf(asked, { machine }));
  });
});
