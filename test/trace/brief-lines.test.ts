import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../src/raft/inputs.ts';
import type { Entry } from '../../src/raft/types.ts';
import type { TimedEvent } from '../../src/trace/events.ts';
import { parseTrace, parseTraceLine, StateFiller } from '../../src/trace/parse-trace.ts';
import { briefTraceLine } from '../../src/trace/trace-line.ts';

const command = (term: number, size: number): Entry => ({
  term,
  kind: 'command',
  payload: new Uint8Array(size),
});
const noop = (term: number): Entry => ({ term, kind: 'noop', payload: new Uint8Array(0) });
const state = {
  state: 'follower.leased',
  term: 2,
  votedFor: null,
  lastIndex: 3,
  lastTerm: 2,
  commitIndex: 3,
  lastApplied: 3,
};

type ChartEvent = Extract<TimedEvent, { type: 'chart' }>;

const step = (event: Partial<ChartEvent>): ChartEvent => ({
  type: 'chart',
  atMs: 5,
  node: 1,
  step: 1,
  before: state,
  after: state,
  transitions: [],
  effects: [],
  ...event,
});

const append = (entries: readonly Entry[]): ChartEvent =>
  step({
    input: {
      type: 'Received',
      message: {
        type: 'AppendEntries',
        from: 2,
        to: 1,
        term: 2,
        prevLogIndex: 3,
        prevLogTerm: 2,
        entries,
        leaderCommit: 3,
        round: 1,
      },
      nowMs: 5,
    } as ChartEvent['input'] & object,
  });

const writtenOf = (event: ChartEvent) => JSON.parse(briefTraceLine(event));
const readOf = (event: ChartEvent): ChartEvent => parseTraceLine(briefTraceLine(event), 2) as ChartEvent;

describe('a brief line', () => {
  const configuration: Entry = { term: 3, kind: 'configuration', payload: Uint8Array.of(1, 2) };
  const entries = [
    noop(1),
    command(1, 8),
    command(1, 8),
    command(2, 8),
    configuration,
    command(3, 8),
    command(3, 8),
    command(3, 0),
    noop(4),
    noop(4),
  ];

  it('tells entries in runs of one term and size', () => {
    expect(writtenOf(append(entries)).input.message.entries).toEqual([
      [1, -1, 1],
      [1, 8, 2],
      [2, 8, 1],
      { term: 3, kind: 'configuration', payload: '0102' },
      [3, 8, 2],
      [3, 0, 1],
      [4, -1, 2],
    ]);
  });

  it('is read as the same entries', () => {
    const { input } = readOf(append(entries));
    const shapesOf = (some: readonly Entry[]) =>
      some.map(({ term, kind, payload }) => [term, kind, payload.length]);
    const { message } = input as { message: { entries: readonly Entry[] } };
    expect(shapesOf(message.entries)).toEqual(shapesOf(entries));
  });

  it('tells proposals in runs of ids that follow one another and of one size', () => {
    const sizes = [
      [7, 4],
      [8, 4],
      [9, 5],
      [11, 5],
      [12, 5],
    ] as const;
    const proposals = sizes.map(([id, size]) => ({ id, payload: new Uint8Array(size) }));
    const event = step({ input: { type: 'Proposed', proposals } });
    expect(writtenOf(event).input.proposals).toEqual([
      [7, 4, 2],
      [9, 5, 1],
      [11, 5, 2],
    ]);
    const { input } = readOf(event);
    const read = (input as { readonly proposals: readonly Proposal[] }).proposals;
    expect(read.map(({ id, payload }) => [id, payload.length])).toEqual(sizes);
  });

  it.each([0, -1, 1.5, 1e9, '2', null])('is none with a run of %s', (count) => {
    const written = writtenOf(append([command(1, 8)]));
    written.input.message.entries[0][2] = count;
    expect(() => parseTraceLine(JSON.stringify(written), 2)).toThrow('line 2 is not an event');
  });

  it('tells of the state after a step what is not as it was before', () => {
    const after = { ...state, votedFor: 2, term: 3 };
    expect(writtenOf(step({ after })).after).toEqual({ votedFor: 2, term: 3 });
    expect(writtenOf(step({ before: after, after: state })).after).toEqual({ votedFor: null, term: 2 });
  });
});

describe('the states that brief lines leave out', () => {
  const lines = (events: readonly TimedEvent[]) => events.map((event) => briefTraceLine(event)).join('\n');
  const later = { ...state, state: 'preCandidate', term: 3 };
  const changed = step({
    after: later,
    transitions: [
      { id: 'raft.follower/x/0', state: 'follower.leased', event: 'x', rule: null, description: null },
    ],
  });
  const kept = step({ step: 2, before: later, after: later });

  it('are filled in from those before', () => {
    const started = { type: 'started', atMs: 1, node: 1, state } as const;
    const [, first, second] = parseTrace(`${lines([started, changed, kept])}\n`) as readonly ChartEvent[];
    expect([first!.before, first!.after]).toEqual([state, later]);
    expect(first!.transitions[0]!.state).toBe('follower.leased');
    expect([second!.before, second!.after]).toEqual([later, later]);
  });

  it('are each node’s own', () => {
    const states = new StateFiller();
    const of = (node: number, term: number) =>
      states.fill({ type: 'started', atMs: 1, node, state: { ...state, term } });
    of(1, 7);
    of(2, 8);
    const event = parseTraceLine(briefTraceLine(step({ before: state, after: state })), 2)!;
    expect(states.fill(event)).toMatchObject({ before: { term: 7 }, after: { term: 7 } });
  });

  it('are unknown as far as a trace that begins in the middle of a run does not tell them', () => {
    const [first, second] = parseTrace(`\n${lines([changed, kept])}\n`) as readonly ChartEvent[];
    expect(first!.after).toMatchObject({ state: 'preCandidate', term: 3, lastIndex: 0 });
    expect(second!.before).toEqual(first!.after);
  });
});
