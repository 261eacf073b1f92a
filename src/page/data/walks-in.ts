/** A path of any kind, as far as it matters which transitions it takes. */
interface Walkable {
  readonly steps: readonly { readonly transitions: readonly string[] | readonly { readonly id: string }[] }[];
}

/**
 * By the id of a transition: the places of the paths that take it, those of the lowest rank in front, then those that come to it first.
 * `rankOf` gets a path and how many of its steps come before the one that takes the transition.
 */
export const walksIn = <Path extends Walkable>(
  paths: readonly Path[],
  rankOf: (path: Path, before: number) => number = () => 0,
): ReadonlyMap<string, readonly number[]> => {
  const walks = paths.flatMap((path, at) =>
    [...firstStepOf(path)].map(([transition, before]) => ({
      transition,
      at,
      order: [rankOf(path, before), before, path.steps.length, at],
    })),
  );
  const byTransition = Map.groupBy(walks, ({ transition }) => transition);
  return new Map(
    [...byTransition].map(([transition, found]) => [
      transition,
      found.toSorted((a, b) => compared(a.order, b.order)).map(({ at }) => at),
    ]),
  );
};

const firstStepOf = ({ steps }: Walkable): ReadonlyMap<string, number> => {
  const first = new Map<string, number>();
  for (const [before, { transitions }] of steps.entries()) {
    for (const each of transitions) {
      const id = typeof each === 'string' ? each : each.id;
      if (!first.has(id)) first.set(id, before);
    }
  }
  return first;
};

const compared = (a: readonly number[], b: readonly number[]): number =>
  a.map((each, at) => each - b[at]!).find((difference) => difference !== 0) ?? 0;
