import { describe, expect, it } from 'vitest';
import { type MachineNode, NodeMachine, type NodeStep } from '../../src/node/machine-node.ts';
import { createStepper, timerNameOf } from '../../src/node/step.ts';
import { emptyDisk, inputOfDisk, withDurable } from '../../src/node/stored-log.ts';
import { writesOf } from '../../src/node/write-order.ts';
import { defaultSettings } from '../../src/raft/context.ts';
import type { AppendEntries, Message } from '../../src/raft/messages.ts';
import type { Entry } from '../../src/raft/types.ts';
import { votersOf } from '../raft/contexts.ts';

const machine = new NodeMachine(createStepper());

const start = (voters = 3, disk = emptyDisk, of = machine): MachineNode =>
  of.start({ id: 1, voters: votersOf(voters), ...inputOfDisk(disk, defaultSettings) }, disk).node;

const receive = (node: MachineNode, message: Message): NodeStep =>
  machine.step(node, { type: 'Received', message });

const expire = (node: MachineNode, name: string): NodeStep => {
  const type = node.armed.find((each) => timerNameOf(each) === name)!;
  return machine.step(node, { type: type as `xstate.after.${string}` });
};

const propose = (node: MachineNode, ...payloads: readonly number[]): NodeStep =>
  machine.step(node, {
    type: 'Proposed',
    proposals: payloads.map((payload) => ({ id: payload, payload: Uint8Array.of(payload) })),
  });

const sync = (node: MachineNode): NodeStep => machine.step(node, { type: 'Synced' });

const kindsOf = ({ outputs }: NodeStep): readonly string[] => outputs.map(({ type }) => type);

const entry = (term: number, payload = 0): Entry => ({
  term,
  kind: 'command',
  payload: Uint8Array.of(payload),
});

const appendEntries = (
  term: number,
  prev: readonly [number, number],
  ...terms: readonly number[]
): AppendEntries => ({
  type: 'AppendEntries',
  from: 2,
  to: 1,
  term,
  prevLogIndex: prev[0],
  prevLogTerm: prev[1],
  entries: terms.map((each) => entry(each)),
  leaderCommit: 0,
  round: 0,
});

const requestVote = (term: number, from = 2): Message => ({
  type: 'RequestVote',
  from,
  to: 1,
  term,
  lastLogIndex: 0,
  lastLogTerm: 0,
  leadershipTransfer: false,
});

/** Leads term 1 of three; its vote is durable, its noop is not. */
const leader = (): MachineNode => {
  const asked = expire(start(), 'electionTimeout').node;
  const pre = { type: 'PreVoteResponse', from: 2, to: 1, term: 1, voteGranted: true } as const;
  const campaigns = sync(receive(asked, pre).node).node;
  const vote = { type: 'RequestVoteResponse', from: 2, to: 1, term: 1, voteGranted: true } as const;
  return receive(campaigns, vote).node;
};

describe('machine-node', () => {
  it('holds a message back until the writes before it are durable (Figure 2, Persistent state)', () => {
    // Its new term is one write, its vote the next.
    const voted = receive(start(), requestVote(1));
    expect(kindsOf(voted)).not.toContain('left');
    expect(voted.node.disk).toEqual(emptyDisk);
    const half = sync(voted.node);
    expect(kindsOf(half)).not.toContain('left');

    const whole = sync(half.node);
    expect(kindsOf(whole)).toEqual(['synced', 'left', 'stepped']);
    expect(whole.node.disk.hardState).toEqual({ currentTerm: 1, votedFor: 2 });
    expect(whole.node.queue).toEqual([]);
  });

  it('releases with a write the messages behind it, and none behind a later write', () => {
    const first = sync(receive(start(), appendEntries(1, [0, 0], 1)).node).node;
    const second = receive(first, appendEntries(1, [1, 1], 1)).node;
    const left = ({ outputs }: NodeStep) =>
      outputs.flatMap((output) => (output.type === 'left' ? [output.message] : []));
    const one = sync(second);
    expect(left(one)).toMatchObject([{ type: 'AppendEntriesResponse', matchIndex: 1 }]);
    expect(left(sync(one.node))).toMatchObject([{ type: 'AppendEntriesResponse', matchIndex: 2 }]);
  });

  it('answers a write with term and last index as of its issue (design rule 5)', () => {
    const later = propose(propose(leader(), 1).node, 2).node;
    expect(later.snapshot.context.log.lastIndex).toBe(3);
    expect(sync(later).node.snapshot.context.durableIndex).toBe(1);
    expect(sync(sync(later).node).node.snapshot.context.durableIndex).toBe(2);
  });

  it("lets a leader's AppendEntries leave before its own disk is done (thesis §10.2.1)", () => {
    const node = leader();
    expect(node.queue).toMatchObject([{ type: 'write' }]);
    const beat = expire(node, 'heartbeatInterval');
    expect(kindsOf(beat)).toContain('left');
    expect(beat.node.queue).toEqual(node.queue);
  });

  it('drops a replicate whose entries the log holds no longer, as if it were lost', () => {
    const node = propose(leader(), 1).node;
    const answer = {
      type: 'AppendEntriesResponse',
      from: 2,
      to: 1,
      term: 1,
      success: true,
      prevLogIndex: 0,
      matchIndex: 1,
      conflictTerm: 0,
      conflictIndex: 0,
      round: 0,
    } as const;
    expect(kindsOf(receive(node, answer))).toContain('left');
    const replaced = kindsOf(
      receive({ ...node, log: { ...node.log, entries: [entry(1), entry(2)] } }, answer),
    );
    expect(replaced).toContain('dropped');
    expect(replaced).not.toContain('left');
  });

  it('a crash keeps any prefix of the effects and any prefix of the queued writes', () => {
    const held = receive(start(), appendEntries(1, [0, 0], 1, 1)).node;
    const { outputs } = receive(held, appendEntries(2, [1, 1], 2, 2, 2));
    const ends = outputs.flatMap(({ node }) => {
      const writes = writesOf(node.queue);
      return Array.from({ length: writes.length + 1 }, (_, kept) =>
        writes.slice(0, kept).reduce(withDurable, node.disk),
      );
    });
    const found = ends.map(
      ({ hardState, log }) => `${hardState.currentTerm}: ${log.entries.map(({ term }) => term)}`,
    );
    expect([...new Set(found)]).toEqual(['0: ', '1: ', '1: 1,1', '2: 1,1', '2: 1,2,2,2']);
    for (const disk of ends) {
      const { context, value } = start(3, disk).snapshot;
      expect(value).toEqual({ follower: 'unleased' });
      expect(context).toMatchObject({ currentTerm: disk.hardState.currentTerm, commitIndex: 0 });
      expect(context.log.lastIndex).toBe(disk.log.entries.length);
    }
  });

  it('applies what is committed at once, or so many entries at a time', () => {
    const committed: AppendEntries = { ...appendEntries(1, [0, 0], 1, 1, 1), leaderCommit: 3 };
    const input = { type: 'Received', message: committed } as const;
    const applied = ({ outputs }: NodeStep) =>
      outputs.flatMap((output) => (output.type === 'applied' ? [output.index] : []));
    expect(applied(machine.step(start(), input))).toEqual([1, 2, 3]);

    const slow = new NodeMachine(createStepper(), { sliceEntries: 2 });
    const first = slow.step(start(3, emptyDisk, slow), input);
    expect(applied(first)).toEqual([1, 2]);
    // Until the state machine goes on, nothing else makes it.
    const other = slow.step(first.node, { type: 'Synced' });
    expect(applied(other)).toEqual([]);
    expect(applied(slow.step(other.node, { type: 'ApplyNext' }))).toEqual([3]);
  });

  it('tells what stopped it as the last thing that happened', () => {
    const step = sync(start());
    expect(step.outputs).toMatchObject([
      { type: 'failed', error: { message: expect.stringContaining('a write') } },
    ]);
  });

  it('leaves the node it was given as it was', () => {
    const node = leader();
    const before = JSON.stringify([node.armed, node.log, node.disk, node.queue, node.committed]);
    propose(sync(node).node, 1);
    propose(node, 1);
    expect(JSON.stringify([node.armed, node.log, node.disk, node.queue, node.committed])).toBe(before);
  });
});
