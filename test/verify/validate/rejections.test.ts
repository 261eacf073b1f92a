import { describe, expect, it } from 'vitest';
import { judged, type Line, traced } from './traced-runs.ts';

const lines = await traced({ seed: 3, durationMs: 4000, faults: 'default,crash=600ms' });

const isInput = (type: string) => (line: Line) => line.type === 'chart' && line.input.type === type;

/** The trace with the first line that `isIt` changed by `change`, or left out if that returns null. */
const changed = (isIt: (line: Line, at: number) => boolean, change: (line: Line) => Line | null) => {
  const at = lines.findIndex(isIt);
  expect(at, 'the run has such a line').toBeGreaterThanOrEqual(0);
  const line = change(structuredClone(lines[at]!));
  return { at, lines: line === null ? lines.toSpliced(at, 1) : lines.with(at, line) };
};

const leaving = (effect: string) => (line: Line) =>
  line.type === 'chart' && line.effects.some(({ type }: { readonly type: string }) => type === effect);

/** A message that is still under way when its sender goes on. */
const leavesLate = (line: Line, at: number): boolean => {
  if (line.type !== 'sent' || line.message.type === 'AppendEntries') return false;
  const rest = lines.slice(at + 1);
  const next = rest.findIndex(
    ({ type, node }) => ['chart', 'synced'].includes(type) && node === line.message.from,
  );
  const message = JSON.stringify(line.message);
  const arrival = rest.findIndex(
    (each) => each.message !== undefined && JSON.stringify(each.message) === message,
  );
  return next >= 0 && (arrival < 0 || next < arrival);
};

/** The crash of a node that was running. */
const stopsARun = ({ type, node }: Line, at: number): boolean =>
  type === 'crashed' &&
  lines
    .slice(0, at)
    .findLast((each) => each.node === node && ['chart', 'started', 'crashed'].includes(each.type))?.type ===
    'chart';

describe('a rejection names the line, and what the rules have there', () => {
  it.each<[string, (line: Line, at: number) => boolean, (line: Line) => Line | null, RegExp]>([
    [
      'the state before',
      isInput('Received'),
      (line) => ({ ...line, before: { ...line.before, term: 7 } }),
      /^term before it: 0 by the rules, 7/,
    ],
    [
      'the state after',
      isInput('Persisted'),
      (line) => ({ ...line, after: { ...line.after, commitIndex: 9 } }),
      /^commitIndex after it: \d+ by the rules, 9/,
    ],
    [
      'which transition it takes',
      isInput('Received'),
      (line) => ({ ...line, transitions: [] }),
      /^the chart takes raft.*, the trace says no transition/,
    ],
    [
      'what it asks for',
      leaving('persist'),
      (line) => ({ ...line, effects: [{ ...line.effects[0], currentTerm: 9 }, ...line.effects.slice(1)] }),
      /^currentTerm of persist: 1 by the rules, 9/,
    ],
    [
      'that it asks for less',
      leaving('send'),
      (line) => ({ ...line, effects: [] }),
      /^the chart also asks for/,
    ],
    [
      'that it asks for more',
      isInput('Applied'),
      (line) => ({ ...line, effects: [...line.effects, { type: 'apply', lastIndex: 1 }] }),
      /^the chart asks for no apply there/,
    ],
    [
      'what it was given',
      isInput('Received'),
      ({ input: _, ...line }) => line,
      /does not say what the chart was given/,
    ],
    [
      'a term that no message can have',
      isInput('Received'),
      (line) => ({ ...line, input: { ...line.input, message: { ...line.input.message, term: -1 } } }),
      /has not sent it to node\d; the nearest that it sent has term 1, not -1/,
    ],
    [
      'whom a message is for',
      isInput('Received'),
      (line) => ({ ...line, input: { ...line.input, message: { ...line.input.message, to: 99 } } }),
      /^it is addressed to node99/,
    ],
    [
      'what became durable',
      isInput('Persisted'),
      (line) => ({ ...line, input: { ...line.input, lastIndex: 50 } }),
      /^lastIndex of the write: \d+ by the rules, 50/,
    ],
    [
      'how many writes are durable',
      ({ type }) => type === 'synced',
      (line) => ({ ...line, writes: 99 }),
      /^\d+ writes were asked for and \d+ of them are durable: there can be no 99/,
    ],
    [
      'that it says how many',
      ({ type }) => type === 'synced',
      ({ writes: _, ...line }) => line,
      /does not say how many writes are durable/,
    ],
    [
      'the vote on the disk',
      ({ type }) => type === 'synced',
      (line) => ({ ...line, votedFor: 77 }),
      /^votedFor on the disk: .* by the rules, 77/,
    ],
    [
      'what is applied',
      isInput('Applied'),
      (line) => ({ ...line, input: { ...line.input, index: 60 } }),
      /^entries are applied up to \d+ and committed up to \d+/,
    ],
    [
      'an entry that is not committed',
      ({ type }) => type === 'applied',
      (line) => ({ ...line, index: 70 }),
      /^entries are committed up to \d+ only/,
    ],
    [
      'the term of an applied entry',
      ({ type }) => type === 'applied',
      (line) => ({ ...line, term: 5 }),
      /^the log has term 1 at index \d+, not 5/,
    ],
    [
      'an entry that is applied twice',
      ({ type, index }) => type === 'applied' && index > 3,
      (line) => ({ ...line, index: 2 }),
      /^entry \d+ was applied before/,
    ],
    [
      'an entry that is never applied',
      ({ type, index }, at) => type === 'applied' && at > 900 && index > 4,
      () => null,
      /^entry \d+ must be applied first/,
    ],
    [
      'a snapshot of what is not applied',
      isInput('SnapshotSaved'),
      (line) => ({ ...line, input: { ...line.input, index: 90 } }),
      /^only entries up to \d+ are applied/,
    ],
    [
      'the term of a snapshot',
      isInput('SnapshotSaved'),
      (line) => ({ ...line, input: { ...line.input, term: 8 } }),
      /^the entry there has term \d/,
    ],
    [
      'a timer that does not run',
      ({ type, input }) => type === 'chart' && input.type.startsWith('xstate.after.electionTimeout'),
      (line) => ({
        ...line,
        input: { type: 'xstate.after.heartbeatInterval.raft.leader.heartbeat.waiting' },
      }),
      /^no heartbeatInterval runs in follower/,
    ],
    [
      'a step',
      ({ type, step, effects }) => type === 'chart' && step > 5 && effects.length === 0,
      () => null,
      /^step \d+ is missing/,
    ],
    [
      'the order of steps',
      ({ type, step }) => type === 'chart' && step === 5,
      (line) => ({ ...line, step: 3 }),
      /^step 5 should come next/,
    ],
    [
      'a message that the chart does not send',
      ({ type }) => type === 'sent',
      (line) => ({ ...line, message: { ...line.message, term: 4 } }),
      /^the chart sends .* here/,
    ],
    ['a message that is let go and never leaves', leavesLate, () => null, /^first, .* to node\d must leave/],
    [
      'that what it tells of is durable',
      ({ type, term }) => type === 'synced' && term === 1,
      () => null,
      /^it must wait until what it tells of is durable/,
    ],
    [
      'that a message was sent',
      ({ type }) => type === 'lost',
      (line) => ({ ...line, message: { ...line.message, term: 6 } }),
      /^nobody has sent it/,
    ],
    [
      'that a message arrives',
      ({ type }) => type === 'delivered',
      (line) => ({ ...line, message: { ...line.message, term: 6 } }),
      /has not sent it/,
    ],
    [
      'that it has arrived',
      ({ type }, at) => type === 'delivered' && at > 500,
      () => null,
      /^it was sent, but has not arrived at node\d/,
    ],
    [
      'that a node runs',
      ({ type }) => type === 'started',
      () => null,
      /does not show how node\d has started; --partial accepts that/,
    ],
    ['that a node has stopped before it starts', stopsARun, () => null, /^it is running/],
    [
      'what a run finds',
      ({ type, state }) => type === 'started' && state.term > 0,
      (line) => ({ ...line, found: { ...line.found, hardState: { currentTerm: 1, votedFor: 66 } } }),
      /^it recovered term 1 with a vote for node66 .*, which is not what was written/,
    ],
    [
      'how a run starts',
      ({ type }, at) => type === 'started' && at > 0,
      (line) => ({ ...line, state: { ...line.state, state: 'leader' } }),
      /^state at the start: "follower.unleased" by the rules, "leader"/,
    ],
    [
      'who votes at first',
      ({ type }, at) => type === 'started' && at > 0,
      (line) => ({ ...line, found: { ...line.found, voters: [1] } }),
      /^voters that it found/,
    ],
    [
      'the time',
      ({ type }, at) => type === 'chart' && at > 500,
      (line) => ({ ...line, atMs: 1 }),
      /^time runs backwards, from [\d.]+ ms to 1 ms/,
    ],
  ])('%s', (_, isIt, change, reason) => {
    const found = changed(isIt, change);
    const { rejection, at } = judged(found.lines);
    expect(rejection?.reasons.join('\n')).toMatch(reason);
    expect(at).toBeGreaterThanOrEqual(found.at);
  });

  it('an entry that is not what it was', () => {
    const isAppend = ({ type, message }: Line) =>
      type === 'sent' && message.type === 'AppendEntries' && message.entries[0]?.kind === 'command';
    const { lines: bad } = changed(isAppend, (line) => {
      line.message.entries[0].payload = 'ff';
      return line;
    });
    expect(judged(bad).rejection?.reasons).toEqual([
      expect.stringMatching(
        /^entry \d+ of term 1 is a command of 1 bytes here, and was a command of \d+ bytes before/,
      ),
    ]);
  });

  it('a run on what another node has written', () => {
    const { node, found, ...start } = lines.find(({ type }) => type === 'started')!;
    const { rejection } = judged([{ ...start, node, found: { ...found, id: 99 } }]);
    expect(rejection?.reasons).toEqual([`it is node${node}, and found what is of node99`]);
  });

  it('a snapshot that is complete before all of it has arrived', () => {
    const isChunk = (line: Line) =>
      line.type === 'chart' &&
      line.effects.some((effect: Line) => effect.type === 'storeChunk' && !effect.chunk.done);
    const at = lines.findIndex(isChunk);
    const { atMs, node, step, input, after } = lines[at]!;
    const received = { type: 'SnapshotReceived', index: input.message.lastIncludedIndex };
    const early = { before: after, after, transitions: [], effects: [], input: received };
    const answered = lines.findIndex(
      (line, later) => later > at && line.node === node && line.type !== 'applied',
    );
    const next = { atMs, type: 'chart', node, step: step + 1, ...early };
    const { rejection } = judged(lines.toSpliced(Math.min(answered, at + 2), 0, next));
    expect(rejection?.reasons).toEqual(['not all of it has arrived']);
  });

  it('what the chart is sure that no correct node is given', () => {
    const start = lines.find(({ type }) => type === 'started')!;
    const { node, state } = start;
    const falling = [2, 1].map((term) => ({ term, kind: 'noop', payload: '' }));
    const ends = { from: node === 1 ? 2 : 1, to: node, term: 3, round: 1 };
    const message = {
      type: 'AppendEntries',
      ...ends,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: falling,
      leaderCommit: 0,
    };
    const step = { step: 1, before: state, after: state, transitions: [], effects: [] };
    const { rejection } = judged(
      [start, { ...step, atMs: start.atMs, type: 'chart', node, input: { type: 'Received', message } }],
      { nodes: [node] },
    );
    expect(rejection?.reasons).toEqual([
      expect.stringMatching(/^the chart fails: expected: terms in a log never fall/),
    ]);
  });

  it('what a stopped node does', () => {
    const at = lines.findIndex(stopsARun);
    const { node } = lines[at]!;
    const late = lines.findLast(
      (line, before) => before < at && line.type === 'chart' && line.node === node,
    )!;
    const { rejection } = judged(lines.toSpliced(at + 1, 0, { ...late, atMs: lines[at]!.atMs }));
    expect(rejection).toMatchObject({ node, reasons: ['it is not running'] });
  });

  it('names the rule that is nearest', () => {
    const { lines: late } = changed(
      ({ type, term }) => type === 'synced' && term === 1,
      () => null,
    );
    expect(judged(late).rejection?.nearest).toMatchObject({
      id: expect.stringMatching(/^raft\./),
      rule: expect.any(String),
    });
    const { lines: unarmed } = changed(
      ({ type, input }) => type === 'chart' && input.type.startsWith('xstate.after.electionTimeout'),
      (line) => ({
        ...line,
        input: { type: 'xstate.after.heartbeatInterval.raft.leader.heartbeat.waiting' },
      }),
    );
    expect(judged(unarmed).rejection?.nearest).toMatchObject({
      id: 'raft.leader.heartbeat.waiting/after:heartbeatInterval/0',
    });
  });

  it('a step that a loss of power cut short, if its effects are others', () => {
    const { lines: bad } = changed(
      ({ type }) => type === 'interrupted',
      (line) => ({ ...line, effects: [{ type: 'apply', lastIndex: 1 }] }),
    );
    expect(judged(bad).rejection?.reasons).toEqual([expect.stringMatching(/^the chart asks for/)]);
  });
});

describe('a partial trace', () => {
  const middle = lines.slice(Math.floor(lines.length / 2));

  it('is refused as it is, and accepted as partial', () => {
    expect(judged(middle).rejection).not.toBeNull();
    expect(judged(middle, { isPartial: true }).rejection).toBeNull();
  });

  it('may lack how a run has ended', () => {
    const end = lines.findIndex(({ type }) => type === 'crashed');
    const { node } = lines[end]!;
    expect(lines.slice(end).some((line) => line.type === 'started' && line.node === node)).toBe(true);
    const isOfNode = ({ node: own, message }: Line) =>
      own === node || message?.from === node || message?.to === node;
    const isLast = (line: Line, at: number) => at <= end && at > end - 200 && isOfNode(line);
    const cut = lines.filter((line, at) => !isLast(line, at));
    const allButEnd = lines.filter((line, at) => at === end || !isLast(line, at));
    for (const lacking of [cut, allButEnd]) {
      expect(judged(lacking).rejection).not.toBeNull();
      expect(judged(lacking, { isPartial: true }).rejection).toBeNull();
    }
  });
});
