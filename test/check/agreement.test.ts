import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHistory } from '../../src/check/check-history.ts';
import { historyOf } from '../../src/check/history.ts';
import { bruteForceShortestPrefix } from './brute-force.ts';
import { smallHistory } from './small-histories.ts';

test('checker and brute force agree on the shortest non-linearizable prefix of small histories', () => {
  fc.assert(
    fc.property(smallHistory, (events) => {
      const verdict = checkHistory(historyOf(events));
      const shortest = verdict.result === 'notLinearizable' ? verdict.violations[0].position : null;
      expect(shortest).toBe(bruteForceShortestPrefix(events));
    }),
    { numRuns: 6_000 },
  );
});
