import { keptEvidence } from '../../src/cli/coverage/kept-evidence.ts';
import type { Evidence } from '../../src/statechart/coverage/grounds.ts';
import { madeOnce } from './made-once.ts';

/** What this repository's own chart does in all worlds that are enumerated. */
export const raftProof = (): Evidence => {
  const { extent, isComplete, takenIn, ...sets } = madeOnce('evidence.json', () =>
    written(keptEvidence({ isKept: true })),
  );
  const [taken, lasts, pairs, given] = [sets.taken, sets.lasts, sets.pairs, sets.given].map(setOf);
  return {
    extent,
    isComplete,
    taken: taken!,
    takenIn: takenIn.map(setOf),
    lasts: lasts!,
    pairs: pairs!,
    given: given!,
  };
};

const setOf = (ids: readonly string[]): ReadonlySet<string> => new Set(ids);

const written = ({ extent, isComplete, taken, takenIn, lasts, pairs, given }: Evidence) => ({
  extent,
  isComplete,
  taken: [...taken],
  takenIn: takenIn.map((ids) => [...ids]),
  lasts: [...lasts],
  pairs: [...pairs],
  given: [...given],
});
