import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/node/node.ts';
import { WaitingCommands } from '../../src/node/waiting-commands.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Proposal } from '../../src/raft/inputs.ts';

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

  it('a command that no frame could carry is refused at once: it would wait for ever', () => {
    const { waiting } = acceptedTwiceAtOneIndex();
    expect(() => waiting.submit(new Uint8Array(101), () => {})).toThrow(
      'a command of 101 bytes, more than the 100 that are replicated',
    );
  });
});
