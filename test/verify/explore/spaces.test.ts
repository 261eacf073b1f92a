import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/verify/explore/explore.ts';
import { spaces } from './spaces.ts';

describe('explored spaces are exactly as large as they were', () => {
  for (const { name, options, isQuick, ...expected } of spaces) {
    if (!isQuick) continue;
    it(name, () => {
      const { outcome, figures } = explore(options);
      const { states, edges, depth } = figures;
      expect({ outcome, states, edges, depth }).toEqual({ outcome: 'exhausted', ...expected });
    });
  }
});
