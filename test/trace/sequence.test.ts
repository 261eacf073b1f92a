import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { calmPlan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { toSvg } from '../../src/statechart/draw/svg.ts';
import type { TimedEvent } from '../../src/trace/events.ts';
import type { Fault } from '../../src/trace/fault.ts';
import { parseTrace } from '../../src/trace/parse-trace.ts';
import { flightsOf, isMark, isMessage, type SequenceEvent } from '../../src/trace/sequence.ts';
import { filterSequence } from '../../src/trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../src/trace/sequence-mermaid.ts';
import { rowsOf, termsOf } from '../../src/trace/sequence-rows.ts';
import { sequenceScene } from '../../src/trace/sequence-scene.ts';
import { sequenceToText } from '../../src/trace/sequence-text.ts';
import type { Told } from '../../src/trace/told.ts';
import { traceLine } from '../../src/trace/trace-line.ts';
import { sequenceOfTrace } from '../../src/trace/trace-sequence.ts';
import { appendEntries } from '../raft/contexts.ts';
import { parseXml } from '../statechart/draw/xml-tree.ts';
import { struckLabels } from './struck-labels.ts';

const message = (
  kind: 'sent' | 'delivered' | 'lost',
  time: number,
  from: string,
  to: string,
  label: string,
  term = 1,
): SequenceEvent => ({ kind: `message-${kind}`, time, from, to, label, term });

const story: readonly SequenceEvent[] = [
  { kind: 'timer', time: 150, node: 'a', label: 'electionTimeout', term: 0 },
  { kind: 'state-change', time: 150, node: 'a', label: 'candidate, term 1', term: 1 },
  message('sent', 150, 'a', 'b', 'RequestVote t1'),
  message('sent', 150, 'a', 'c', 'RequestVote t1'),
  message('lost', 151, 'a', 'c', 'RequestVote t1'),
  message('delivered', 155, 'a', 'b', 'RequestVote t1'),
  message('sent', 156, 'b', 'a', 'RequestVoteResponse t1 yes'),
  message('delivered', 160, 'b', 'a', 'RequestVoteResponse t1 yes'),
  { kind: 'election', time: 160, node: 'a', label: 'leader of term 1', term: 1 },
  { kind: 'commit', time: 170, node: 'a', label: 'commits 1', term: 1 },
  { kind: 'crash', time: 180, node: 'a', label: 'crashes', term: 0 },
  { kind: 'state-change', time: 400, node: 'b', label: 'candidate, term 2', term: 2 },
  message('sent', 400, 'b', 'c', 'RequestVote t2', 2),
];

describe('a story', () => {
  it('pairs each message with its delivery or its loss, in the order of sending', () => {
    expect(flightsOf(story).map(({ sentAt, endAt, isLost }) => [sentAt, endAt, isLost])).toEqual([
      [2, 5, false],
      [3, 4, true],
      [6, 7, false],
      [12, null, false],
    ]);
  });

  it('shows a message that is delivered twice as two', () => {
    const twice = [story[2]!, story[5]!, story[5]!];
    expect(flightsOf(twice).map(({ sentAt, endAt }) => [sentAt, endAt])).toEqual([
      [0, 1],
      [null, 2],
    ]);
  });

  it('has a band for each term, from its first appearance on; a pre-vote begins none', () => {
    const asked = message('sent', 1, 'a', 'b', 'PreVote t9', 9);
    expect(termsOf(rowsOf([...story, asked])).map(({ term }) => term)).toEqual([0, 1, 2]);
  });

  it('is written in Mermaid', () => {
    expect(sequenceToMermaid(story)).toBe(
      [
        'sequenceDiagram',
        '  participant node_a as a',
        '  participant node_b as b',
        '  participant node_c as c',
        '  rect rgba(86, 180, 233, 0.08)',
        '  Note over node_a,node_c: term 0',
        '  Note over node_a: after electionTimeout',
        '  end',
        '  rect rgba(86, 180, 233, 0.2)',
        '  Note over node_a,node_c: term 1',
        '  Note over node_a: candidate, term 1',
        '  node_a->>node_b: RequestVote t1',
        '  node_a-xnode_c: RequestVote t1',
        '  node_b->>node_a: RequestVoteResponse t1 yes',
        '  Note over node_a: ★ leader of term 1',
        '  Note over node_a: ✓ commits 1',
        '  Note over node_a: ✗ crashes',
        '  end',
        '  rect rgba(86, 180, 233, 0.08)',
        '  Note over node_a,node_c: term 2',
        '  Note over node_b: candidate, term 2',
        '  node_b-)node_c: RequestVote t2',
        '  end',
        '',
      ].join('\n'),
    );
  });

  it('is filtered by nodes, time and number of messages', () => {
    const kinds = (events: readonly SequenceEvent[]) => events.map(({ kind, time }) => `${kind} ${time}`);
    expect(kinds(filterSequence(story, { nodes: ['b', 'c'] }))).toEqual([
      'state-change 400',
      'message-sent 400',
    ]);
    expect(kinds(filterSequence(story, { fromTime: 160, toTime: 170 }))).toEqual([
      'cut 150',
      'message-delivered 160',
      'election 160',
      'commit 170',
      'cut 180',
    ]);
    expect(
      flightsOf(filterSequence(story, { maxMessages: 2 })).map(({ message: { label } }) => label),
    ).toEqual(['RequestVoteResponse t1 yes', 'RequestVote t2']);
  });
});

it('the key of a narrow story is broken into lines that fit', () => {
  const scene = sequenceScene('A', [
    { kind: 'timer', time: 1, node: 'a', label: 'electionTimeout', term: 0 },
    { kind: 'crash', time: 2, node: 'a', label: 'crashes', term: 0 },
  ]);
  const labels = scene.items.filter((item) => item.kind === 'label');
  expect(labels.filter(({ x, y, width }) => x + width > scene.width || y > scene.height)).toEqual([]);
  expect(labels.map(({ text }) => text).join(' ')).toContain('terms, each from the first node');
  expect(struckLabels(scene)).toEqual([]);
});

const step = (before: string, after: string): TimedEvent => {
  const summary = { term: 1, votedFor: 1, lastIndex: 0, lastTerm: 0, commitIndex: 0, lastApplied: 0 };
  return {
    type: 'chart',
    atMs: 1,
    node: 1,
    before: { ...summary, state: before },
    after: { ...summary, state: after },
    transitions: [],
    effects: [],
  };
};

it('what the storyteller says at the moment of a message stays after it', () => {
  const sent: TimedEvent = {
    type: 'sent',
    atMs: 1,
    message: { type: 'TimeoutNow', from: 1, to: 2, term: 1 },
  };
  const act: TimedEvent = { type: 'told', atMs: 1, told: { kind: 'act', text: 'Then' } };
  expect(sequenceOfTrace([sent, act]).map(({ kind }) => kind)).toEqual(['message-sent', 'act']);
});

it('faults of a simulation are told where nobody else tells of them', () => {
  const fault: Fault = { kind: 'partition', groups: [[1], [2, 3]], oneWay: false, fromMs: 1, toMs: 9 };
  const crash: Fault = { kind: 'crash', nodes: [2], effects: 0, fromMs: 2, toMs: 3 };
  const events: readonly TimedEvent[] = [
    { type: 'faultBegins', atMs: 1, fault },
    { type: 'faultBegins', atMs: 2, fault: crash },
    { type: 'faultEnds', atMs: 3, fault: crash },
    { type: 'faultEnds', atMs: 9, fault },
  ];
  expect(sequenceOfTrace(events)).toMatchObject([
    { kind: 'note', label: 'network cut: node1 | node2 node3' },
    { kind: 'note', label: 'power lost: node2' },
    { kind: 'note', label: 'over: network cut: node1 | node2 node3' },
  ]);
  const act: TimedEvent = { type: 'told', atMs: 0, told: { kind: 'act', text: 'A story' } };
  expect(sequenceOfTrace([act, ...events]).map(({ kind }) => kind)).toEqual(['act']);
});

it('a heartbeat is left out unless its receiver changes its role', () => {
  const delivered: TimedEvent = { type: 'delivered', atMs: 1, message: appendEntries({ term: 1 }) };
  const kinds = (after: string) => {
    const events = sequenceOfTrace([delivered, step('candidate', after)]);
    return filterSequence(events, { withoutRoutine: true }).map(({ kind }) => kind);
  };
  expect(kinds('candidate')).toEqual([]);
  expect(kinds('follower.leased')).toEqual(['message-delivered', 'state-change']);
});

it('shows a change of the top of the state, not of what is inside it', () => {
  const inside = step(
    'leader.{configuration.joint, transfer.idle}',
    'leader.{configuration.joint, transfer.asked}',
  );
  const out = step('leader.{configuration.joint, transfer.asked}', 'follower.unleased');
  expect(sequenceOfTrace([inside, out])).toMatchObject([{ label: 'follower, term 1' }]);
});

describe('a simulation of five nodes', () => {
  it('is drawn with about 60 messages, nothing through a text, and its elections and commits', async () => {
    const trace: TimedEvent[] = [];
    const plan = { ...generatePlan({ ...defaultPlan, seed: 7, nodes: 5 }), durationMs: 1500 };
    await runSimulation(plan, { onEvent: (event) => trace.push(event) });
    const whole = sequenceOfTrace(trace);
    const shown = filterSequence(
      whole.filter(({ time }) => time < 400),
      { withoutRoutine: true, maxMessages: 60 },
    );
    expect(flightsOf(shown).length).toBeGreaterThan(30);
    expect(flightsOf(shown).length).toBeLessThan(70);
    expect(shown.some(({ kind }) => kind === 'commit')).toBe(true);
    expect(whole.some(({ kind }) => kind === 'election')).toBe(true);
    const scene = sequenceScene('Five nodes', shown);
    expect(struckLabels(scene)).toEqual([]);
    expect(parseXml(toSvg(scene, 'dark')).name).toBe('svg');
  });
});

describe('a simulation whose members change', () => {
  const trace: TimedEvent[] = [];
  beforeAll(async () => {
    const plan = {
      ...calmPlan,
      seed: 1,
      spares: 1,
      durationMs: 2000,
      requests: { readsPerSecond: 0, transfersPerSecond: 0, changesPerSecond: 20 },
    };
    await runSimulation(plan, { onEvent: (event) => trace.push(event) });
  });

  it('shows each configuration on each node that takes it, and the messages that carry one', () => {
    const sequence = sequenceOfTrace(trace);
    const labels = sequence.filter(isMark).flatMap(({ kind, label }) => (kind === 'members' ? [label] : []));
    expect(labels).toContain('voters 1 2 3, learners 4');
    expect(labels.some((label) => /^voters [\d ]+, old voters [\d ]+/.test(label))).toBe(true);
    const carrying = sequence.filter(isMessage).filter(({ label }) => label.includes(' (members) '));
    expect(carrying.length).toBeGreaterThan(0);
    const first = sequence.findIndex(({ kind }) => kind === 'members');
    const scene = sequenceScene('Members', sequence.slice(first, first + 60));
    expect(struckLabels(scene)).toEqual([]);
    expect(sequenceToMermaid(sequence)).toContain(': voters 1 2 3, learners 4');
  });

  it('is the same story, read back from its trace', () => {
    const text = trace.map(traceLine).join('\n');
    expect(parseTrace(text).map(traceLine).join('\n')).toBe(text);
    expect(sequenceOfTrace(parseTrace(text))).toEqual(sequenceOfTrace(trace));
  });
});

describe('a story that is too long', () => {
  const at = (time: number, label: string, isRoutine = false): readonly SequenceEvent[] => {
    const ends = { from: 'a', to: 'b', label, term: 1, ...(isRoutine ? { isRoutine } : {}) };
    return [
      { kind: 'message-sent', time, ...ends },
      { kind: 'message-delivered', time: time + 1, ...ends },
    ];
  };
  const many = (count: number, from: number, label: (nth: number) => string, isRoutine = false) =>
    Array.from({ length: count }, (_, nth) => at(from + nth, label(nth), isRoutine)).flat();
  const act = (time: number, label: string): SequenceEvent => ({ kind: 'act', time, label });
  const texts = (events: readonly SequenceEvent[]) =>
    events.flatMap((event) => ('label' in event && event.kind !== 'message-sent' ? [event.label] : []));

  it('loses its routine messages first, then equal ones become one, and each part loses its middle last', () => {
    const long = [
      act(0, 'first'),
      ...many(20, 0, (nth) => `beat ${nth}`, true),
      ...many(5, 30, () => 'again'),
      act(50, 'second'),
      ...many(30, 50, (nth) => `entry ${nth}`),
      { kind: 'expectation', time: 100, label: 'third' } as const,
    ];
    expect(texts(filterSequence(long, { maxMessages: 10 }))).toEqual([
      'first',
      '… 20 routine messages, 20 ms not shown',
      'again ×5',
      'second',
      'entry 0',
      'entry 1',
      'entry 2',
      '… 21 messages, 21 ms not shown',
      'entry 24',
      'entry 25',
      'entry 26',
      'entry 27',
      'entry 28',
      'entry 29',
      'third',
    ]);
  });

  it('has a cut where it is hushed, which names who was elected there and knows who is down', () => {
    const hushed: readonly SequenceEvent[] = [
      ...at(0, 'before'),
      { kind: 'hush', time: 10, isHushed: true },
      ...many(3, 10, (nth) => `hushed ${nth}`),
      { kind: 'election', time: 15, node: 'a', label: 'leader of term 2', term: 2 },
      { kind: 'crash', time: 1200, node: 'b', label: 'crashes', term: 0 },
      { kind: 'hush', time: 1210, isHushed: false },
      act(1220, 'after'),
    ];
    const shown = filterSequence(hushed, {});
    expect(texts(shown)).toEqual([
      'before',
      '… 3 messages, 1,200 ms not shown: a becomes leader of term 2',
      'after',
    ]);
    const election = (term: number): SequenceEvent => ({
      kind: 'election',
      time: 15,
      node: 'a',
      label: `leader of term ${term}`,
      term,
    });
    const nine = Array.from({ length: 9 }, (_, nth) => election(nth + 3));
    expect(texts(filterSequence([...hushed.slice(0, 10), ...nine, ...hushed.slice(10)], {}))[1]).toMatch(
      /not shown: 9 elections, then a becomes leader of term 11$/,
    );
    expect(shown.find(({ kind }) => kind === 'cut')).toMatchObject({ down: ['b'], time: 10, toTime: 1210 });
    expect(texts(filterSequence(hushed, { withHushed: true }))).toContain('hushed 2');
  });

  it('keeps lost messages that would be routine, as one if they are equal', () => {
    const lost = many(4, 0, () => 'beat', true).map((event) =>
      event.kind === 'message-delivered' ? { ...event, kind: 'message-lost' as const } : event,
    );
    expect(texts(filterSequence(lost, { withoutRoutine: true }))).toEqual(['beat ×4']);
  });
});

it('the storyteller, clients and logs of a trace are in its picture, and the legend has only what occurs', () => {
  const told = (words: Told, atMs: number): TimedEvent => ({ type: 'told', told: words, atMs });
  const logs: Told = {
    kind: 'logs',
    logs: [{ node: 1, name: 'a', isUp: false, terms: [1, 1, 4], commitIndex: 2 }],
  };
  const events = sequenceOfTrace([
    told({ kind: 'act', text: 'Once upon a time.' }, 0),
    told({ kind: 'note', who: 'network', text: 'is whole again' }, 0),
    told({ kind: 'asked', node: 1, request: 1, text: 'get x' }, 1),
    told({ kind: 'answered', node: 1, request: 1, text: 'it is 2' }, 5),
    told(logs, 6),
    told(logs, 6),
    told({ kind: 'failure', text: 'expected: something else' }, 7),
  ]);
  const mermaid = sequenceToMermaid(events);
  expect(mermaid.split('\n').slice(1, -1)).toEqual([
    '  participant node_client as client',
    '  participant node_node1 as node1',
    '  Note over node_client,node_node1: Once upon a time.',
    '  Note over node_client,node_node1: The network is whole again',
    '  node_client->>node_node1: get x',
    '  node_node1->>node_client: it is 2',
    '  Note over node_client,node_node1: node1 (a), down: 1 1] 4',
    '  Note over node_client,node_node1: ✗ expected: something else',
  ]);
  expect(sequenceToText('Told', events)).toBe(
    [
      'Told',
      '',
      '        0 ms  Once upon a time.',
      '',
      '              The network is whole again',
      '        1 ms  client → node1  get x',
      '        5 ms  node1 → client  it is 2',
      '        6 ms  node1 (a), down: 1 1] 4',
      '        7 ms  ✗ expected: something else',
      '',
    ].join('\n'),
  );
  const scene = sequenceScene('Told', events);
  const text = scene.items.flatMap((item) => (item.kind === 'label' ? [item.text] : []));
  expect(text).toEqual(expect.arrayContaining(['Once upon a time.', 'node1 (a)', 'down', 'does not hold']));
  expect(text.filter((each) => /lost|leader|timer|left out|still under way/.test(each))).toEqual([]);
});
