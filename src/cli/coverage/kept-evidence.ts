import type { Evidence } from '../../statechart/coverage/grounds.ts';
import { raftEvidence } from '../../verify/coverage/raft-evidence.ts';
import { type Keeping, kept } from '../kept/kept.ts';

/** What `raftEvidence` returns for this package's own chart: enumerated once for all processes of a user, until the program changes. */
export const keptEvidence = (keeping: Keeping): Evidence =>
  kept(
    { name: 'evidence', options: null, modules: [import.meta.url], make: () => raftEvidence(), write, read },
    keeping,
  );

const write = ({ taken, takenIn, lasts, pairs, given, ...rest }: Evidence): string => {
  const written: Written = {
    ...rest,
    taken: [...taken],
    takenIn: takenIn.map((ids) => [...ids]),
    lasts: [...lasts],
    pairs: [...pairs],
    given: [...given],
  };
  return JSON.stringify(written);
};

const read = (text: string): Evidence => {
  const { taken, takenIn, lasts, pairs, given, ...rest } = JSON.parse(text) as Written;
  return {
    ...rest,
    taken: new Set(taken),
    takenIn: takenIn.map((ids) => new Set(ids)),
    lasts: new Set(lasts),
    pairs: new Set(pairs),
    given: new Set(given),
  };
};

type Listed = 'taken' | 'lasts' | 'pairs' | 'given';

type Written = Omit<Evidence, Listed | 'takenIn'> &
  Readonly<Record<Listed, readonly string[]>> & { readonly takenIn: readonly (readonly string[])[] };
