import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/node/node.ts';
import { WaitingCommands } from '../../src/node/waiting-commands.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Proposal } from '../../src/raft/inputs.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

const limits = { maxCommands: 10, maxBytes: 1000, maxCommandBytes: 100, timeoutMs: 5000 };

/** Two commands, the second accepted at the index of the first, in a later term of the same leader. */
const acceptedTwiceAtOneIndex = () => {
  const deferred: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    setTimeout: () => 0,
    clearTimeout: () => {},
    defer: (fn) => deferred.push(fn),
  };
  const proposed: Proposal[] = [];
  const waiting = new WaitingCommands<string>(clock, limits, (proposals) => proposed.push(...proposals));
  const outcomes: Outcome<string>[] = [];
  for (const byte of [1, 2]) waiting.submit(Uint8Array.of(byte), (outcome) => outcomes.push(outcome));
  for (const run of deferred) run();
  waiting.accept([proposed[0]!.id], 5, 1);
  waiting.accept([proposed[1]!.id], 5, 4);
  return { waiting, outcomes };
};

describe('commands that wait for their outcome', () => {
  it('a command whose place in the log was taken may still be committed from another log: its fate is unknown (paper Figure 8)', () => {
    const { outcomes } = acceptedTwiceAtOneIndex();
    expect(outcomes).toEqual([{ type: 'unknownOutcome', index: 5, term: 1 }]);
  });

  it('a command is overwritten once an entry of another term is applied in its place', () => {
    const { waiting, outcomes } = acceptedTwiceAtOneIndex();
    waiting.applied(5, 3, 'of another leader');
    expect(outcomes.slice(1)).toEqual([{ type: 'overwritten', index: 5, term: 4 }]);
  });

  it('large commands of one turn are proposed in several, in order, so that heartbeats get theirs in between', () => {
    const deferred: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      setTimeout: () => 0,
      clearTimeout: () => {},
      defer: (fn) => deferred.push(fn),
    };
    const proposed: number[][] = [];
    const roomy = { ...limits, maxBytes: 1e7, maxCommandBytes: 1e6 };
    const waiting = new WaitingCommands<string>(clock, roomy, (proposals) =>
      proposed.push(proposals.map(({ id }) => id)),
    );
    for (const size of [6e5, 6e5, 1, 9e5, 9e5]) waiting.submit(new Uint8Array(size), () => {});
    deferred.shift()?.();
    expect(proposed).toEqual([[1, 2]]);
    waiting.submit(new Uint8Array(1), () => {});
    while (deferred.length > 0) deferred.shift()?.();
    expect(proposed).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('a command that no frame could carry is refused at once: it would wait for ever', () => {
    const { waiting } = acceptedTwiceAtOneIndex();
    expect(() => waiting.submit(new Uint8Array(101), () => {})).toThrow(
      'a command of 101 bytes, more than the 100 that are replicated',
    );
  });
});

describe('of a command of which nothing is heard any more, a client is told the truth', () => {
  const submitted = () => {
    const clock = new VirtualClock();
    const proposed: Proposal[] = [];
    const waiting = new WaitingCommands<string>(clock, limits, (proposals) => proposed.push(...proposals));
    const outcomes = new Map<number, Outcome<string>>();
    const submit = (byte: number) =>
      waiting.submit(Uint8Array.of(byte), (outcome) => outcomes.set(byte, outcome));
    submit(1);
    submit(2);
    clock.advance(0);
    waiting.accept([proposed[0]!.id], 7, 3);
    return { clock, waiting, outcomes, submit };
  };
  const unknown = { type: 'unknownOutcome', index: 7, term: 3 };

  it('as the node stops: what was accepted may yet be committed, and what was not never happened', () => {
    const { clock, waiting, outcomes, submit } = submitted();
    waiting.close();
    expect(outcomes.get(1)).toEqual(unknown);
    expect(outcomes.get(2)).toEqual({ type: 'notLeader', leader: null });
    submit(3);
    clock.advance(10_000);
    expect(outcomes.get(3)).toEqual({ type: 'notLeader', leader: null });
    expect(outcomes.size).toBe(3);
  });

  it('as its time is up: it was accepted, so a client must not send it again as if it had not been', () => {
    const { clock, waiting, outcomes } = submitted();
    clock.advance(limits.timeoutMs - 1);
    expect(outcomes.size).toBe(0);
    clock.advance(1);
    expect(outcomes.get(1)).toEqual(unknown);
    // Too late: the client has its answer.
    waiting.applied(7, 3, 'done');
    expect([...outcomes]).toEqual([[1, unknown]]);
  });

  it('as a snapshot stands for its entry: whether it was among that, only its result would have told', () => {
    const { waiting, outcomes } = submitted();
    waiting.covered(6);
    expect(outcomes.size).toBe(0);
    waiting.covered(7);
    expect(outcomes.get(1)).toEqual(unknown);
  });
});

it('what waits counts against the limits until it is answered', () => {
  const clock = new VirtualClock();
  const proposed: Proposal[] = [];
  const small = { ...limits, maxCommands: 2, maxBytes: 100 };
  const waiting = new WaitingCommands<string>(clock, small, (proposals) => proposed.push(...proposals));
  const answers: string[] = [];
  const submit = (bytes: number) => {
    waiting.submit(new Uint8Array(bytes), ({ type }) => answers.push(type));
    clock.advance(0);
  };
  submit(60);
  submit(41);
  expect(answers).toEqual(['overloaded']);
  submit(40);
  submit(0);
  expect(answers).toEqual(['overloaded', 'overloaded']);
  waiting.accept([proposed[0]!.id], 1, 1);
  waiting.applied(1, 1, '');
  submit(60);
  expect(answers).toEqual(['overloaded', 'overloaded', 'applied']);
});
