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
 * Which permutations put nodes in the order of their classes. A class is the same under every renaming, so one of these leads to the
 * least image of a state; if all classes differ, there is only one.
 */
export class SortingPermutations {
  readonly #permutations: readonly Permutation[];
  readonly #size: number;
  readonly #byRanks: (Int32Array | undefined)[] = [];

  constructor(size: number, permutations: readonly Permutation[]) {
    this.#size = size;
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
      if (placed.every((each, place) => place === 0 || placed[place - 1]! <= each)) found.push(at);
    }
    // Without symmetry there is only the identity, which stays.
    return Int32Array.from(found.length === 0 ? [0] : found);
  }
}
