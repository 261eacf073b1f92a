import type { Evidence } from './grounds.ts';

/** Evidence as JSON. */
export const evidenceText = ({ taken, takenIn, lasts, pairs, given, ...rest }: Evidence): string => {
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

/** What `evidenceText` was made of. */
export const evidenceIn = (text: string): Evidence => {
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
