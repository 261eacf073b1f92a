/** How many open-ended steps of each kind have taken effect; those of one kind are interchangeable. */
export interface Used {
  readonly counts: readonly number[];
  /** The sum of `counts`. */
  readonly total: number;
}

export const noUse: Used = { counts: [], total: 0 };

export const usesOf = ({ counts }: Used, kind: number): number => counts[kind] ?? 0;

export const usesNoMore = (less: Used, more: Used): boolean => {
  if (less === more) return true;
  if (less.total > more.total) return false;
  for (let kind = 0; kind < less.counts.length; kind += 1) {
    if (less.counts[kind]! > (more.counts[kind] ?? 0)) return false;
  }
  return true;
};

export const withOneMore = ({ counts, total }: Used, kind: number): Used => {
  const result = [...counts];
  while (result.length <= kind) result.push(0);
  result[kind]! += 1;
  return { counts: result, total: total + 1 };
};

/** After kinds were merged or forgotten: `moves` has the new index of each, or -1. */
export const moved = ({ counts }: Used, moves: readonly number[]): Used => {
  const result: number[] = [];
  let total = 0;
  for (const [kind, count] of counts.entries()) {
    const to = moves[kind]!;
    if (to === -1) continue;
    while (result.length <= to) result.push(0);
    result[to]! += count;
    total += count;
  }
  return { counts: result, total };
};
