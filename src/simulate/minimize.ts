/**
 * The fewest of `items`, in their order, for which `holds` is still true, as far as leaving out ever smaller pieces finds
 * them, none of fewer than `smallestPiece`. Zeller & Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002), without its complements.
 */
export const minimize = async <Item>(
  items: readonly Item[],
  holds: (items: readonly Item[]) => Promise<boolean>,
  smallestPiece = 1,
): Promise<readonly Item[]> => {
  if (items.length === 0 || (await holds([]))) return [];
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); ; size = Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && kept.length > 1; ) {
      const shorter = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (shorter.length > 0 && (await holds(shorter))) kept = shorter;
      else at += size;
    }
    if (size <= smallestPiece) return kept;
  }
};
