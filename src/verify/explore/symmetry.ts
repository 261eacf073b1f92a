import type { Renaming } from './rename.ts';

/** A permutation of the nodes: position `from` goes to position `permutation[from]`. */
export type Permutation = readonly number[];

/** All permutations of `size` positions; the identity is the first. */
export const permutationsOf = (size: number): readonly Permutation[] => {
  if (size === 0) return [[]];
  return permutationsOf(size - 1).flatMap((shorter) =>
    Array.from({ length: size }, (_, back) => {
      const place = size - 1 - back;
      return [...shorter.map((position) => (position >= place ? position + 1 : position)), place];
    }),
  );
};

/**
 * All permutations that leave each position in its group, where the groups follow one another and have these sizes; the identity is the
 * first. A cluster that starts with voters and spares stays the same under these alone: every node knows the first configuration, which
 * names the first voters, and starts again with it.
 */
export const permutationsWithin = (sizes: readonly number[]): readonly Permutation[] =>
  sizes.reduce<readonly Permutation[]>(
    (all, size) =>
      all.flatMap((before) =>
        permutationsOf(size).map((within) => [...before, ...within.map((place) => before.length + place)]),
      ),
    [[]],
  );

/** The same, of node ids, which are positions counted from 1. */
export const renamingOf =
  (permutation: Permutation): Renaming =>
  (id) =>
    permutation[id - 1]! + 1;

/** `second` after `first`. */
export const composed = (first: Permutation, second: Permutation): Permutation =>
  first.map((to) => second[to]!);

export const inverse = (permutation: Permutation): Permutation => {
  const back: number[] = [];
  for (const [from, to] of permutation.entries()) back[to] = from;
  return back;
};

/**
 * Which permutations put the nodes of each group in the order of their classes. A class is the same under every renaming, so one of these leads to the
 * least image of a state; if all classes differ, there is only one.
 */
export class SortingPermutations {
  readonly #permutations: readonly Permutation[];
  readonly #size: number;
  /** Where groups begin. */
  readonly #begins: readonly number[];
  readonly #byRanks: (Int32Array | undefined)[] = [];

  /** The permutations leave each position in its group: the groups follow one another and have these sizes. */
  constructor(sizes: readonly number[], permutations: readonly Permutation[]) {
    this.#begins = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
    this.#size = sizes.reduce((sum, size) => sum + size, 0);
    this.#permutations = permutations;
  }

  /** Positions in the list of permutations. */
  of(classes: Int32Array): Int32Array {
    const size = this.#size;
    let code = 0;
    for (let at = 0; at < size; at++) {
      let rank = 0;
      for (let other = 0; other < size; other++) if (classes[other]! < classes[at]!) rank++;
      code = code * size + rank;
    }
    const known = this.#byRanks[code];
    if (known !== undefined) return known;
    const sorting = this.#sorting(classes);
    this.#byRanks[code] = sorting;
    return sorting;
  }

  #sorting(classes: Int32Array): Int32Array {
    const found: number[] = [];
    for (const [at, permutation] of this.#permutations.entries()) {
      const placed: number[] = [];
      for (const [from, to] of permutation.entries()) placed[to] = classes[from]!;
      if (placed.every((each, place) => this.#begins.includes(place) || placed[place - 1]! <= each))
        found.push(at);
    }
    // Without symmetry there is only the identity, which stays.
    return Int32Array.from(found.length === 0 ? [0] : found);
  }
}
