import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../../src/check/budget.ts';
import { type HistoryEvent, historyOf } from '../../src/check/history.ts';
import { linearize } from '../../src/check/linearize.ts';
import { observabilityOf } from '../../src/check/observability.ts';
import { type Found, type SearchBounds, search } from '../../src/check/search.ts';
import { type Step, stepsOf } from '../../src/check/steps.ts';
import { timelineOf } from '../../src/check/timeline.ts';
import { smallHistory } from './small-histories.ts';

const full = { width: Number.POSITIVE_INFINITY, rivals: Number.POSITIVE_INFINITY, isRelaxed: false };

const stepsOfOneKey = (events: readonly HistoryEvent[]): readonly Step[] =>
  stepsOf(
    historyOf(events).operations.filter(({ key }) => key === 'k0'),
    Number.POSITIVE_INFINITY,
  );

test('a narrow search never gets further than a full one, nor a full one further than a relaxed one', () => {
  fc.assert(
    fc.property(smallHistory, (events) => {
      const steps = stepsOfOneKey(events);
      const found = (bounds: SearchBounds): Found =>
        search(timelineOf(steps), observabilityOf(steps), bounds, new Budget())!;
      const end = ({ position }: Found): number => position ?? Number.POSITIVE_INFINITY;
      const exact = found(full);
      expect(exact.isCut).toBe(false);
      expect(end(found({ ...full, isRelaxed: true }))).toBeGreaterThanOrEqual(end(exact));
      for (const bounds of [
        { ...full, width: 1 },
        { ...full, rivals: 1 },
        { width: 2, rivals: 1, isRelaxed: false },
      ]) {
        const narrow = found(bounds);
        if (narrow.isCut) expect(end(narrow)).toBeLessThanOrEqual(end(exact));
        else expect(end(narrow)).toBe(end(exact));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('narrow searches first give the same answer as a full search at once', () => {
  fc.assert(
    fc.property(smallHistory, (events) => {
      const steps = stepsOfOneKey(events);
      const narrowFirst = [{ width: 1, rivals: 1 }, { width: 2, rivals: 2 }, full];
      expect(linearize(steps, new Budget(), null, narrowFirst)).toEqual(
        linearize(steps, new Budget(), null, [full]),
      );
    }),
    { numRuns: 3_000 },
  );
});
