import { describe, expect, it } from 'vitest';
import { createStepper } from '../../../src/node/step.ts';
import { AssertionFailed } from '../../../src/raft/assert.ts';
import { appendEntries, entriesOf, votersOf } from '../../raft/contexts.ts';

describe('pure stepping', () => {
  const stepper = createStepper();
  const { snapshot } = stepper.initial({ id: 1, voters: votersOf(3) });

  it('of one snapshot twice gives the same step twice, and leaves the snapshot as it was', () => {
    const before = structuredClone(snapshot.context);
    const message = appendEntries({ entries: entriesOf(1, 2), leaderCommit: 1 });
    const first = stepper.step(snapshot, { type: 'Received', message });
    const second = stepper.step(snapshot, { type: 'Received', message });
    expect(second.effects).toEqual(first.effects);
    expect(second.timers).toEqual(first.timers);
    expect(second.snapshot.context).toEqual(first.snapshot.context);
    expect(snapshot.context).toEqual(before);
  });

  it('that failed leaves no effects behind for the next step', () => {
    // Adopts the term, then fails: the codec lets no such message through.
    const message = appendEntries({ entries: entriesOf(3, 2) });
    expect(() => stepper.step(snapshot, { type: 'Received', message })).toThrow(AssertionFailed);
    const { effects, timers } = stepper.step(snapshot, { type: 'Persisted', term: 0, lastIndex: 0 });
    expect(effects).toEqual([]);
    expect(timers).toEqual([]);
  });
});
