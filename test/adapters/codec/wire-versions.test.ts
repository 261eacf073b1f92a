import { describe, expect, it } from 'vitest';
import {
  earlierVersionIn,
  isSpoken,
  otherVersionWords,
  wireVersion,
} from '../../../src/adapters/codec/wire-versions.ts';

describe('wire versions', () => {
  it('are three: the latest and the two before', () => {
    expect([2, 3, 4, 5, 6].map(isSpoken)).toEqual([false, true, true, true, false]);
    expect(wireVersion).toBe(5);
    expect(isSpoken(Number.NaN)).toBe(false);
  });

  it('a refusal is worded as in every version, since the others read the number', () => {
    expect(otherVersionWords(3)).toBe(`this is wire version ${wireVersion}, not 3`);
  });

  it.each<[string, number, number | null]>([
    ['this is wire version 3, not 4', 4, 3],
    // What it was greeted in already, or could not be greeted in.
    ['this is wire version 3, not 3', 3, null],
    ['this is wire version 4, not 3', 3, null],
    ['this is wire version 2, not 4', 4, null],
    ['this is wire version 5, not 4', 4, null],
    ['this is wire version 3, not 4, they say', 4, null],
    ['node2 says: this is wire version 3, not 4', 4, null],
    ['this is wire version 03e0, not 4', 4, null],
    ['the cluster is another', 4, null],
  ])('“%s” to a greeting of version %i names %s', (reason, greeted, version) => {
    expect(earlierVersionIn(reason, greeted)).toBe(version);
  });
});
