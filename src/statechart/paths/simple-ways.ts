import type { Exploration } from './explore-machine.ts';
import type { Way } from './shortest-paths.ts';

/** All ways that visit no state twice and that cannot go on, up to `limit`; `isAll`: there are no more. */
export const simpleWays = (
  { edges, inputs, foundBy, states }: Exploration,
  limit: number,
): { readonly ways: readonly Way[]; readonly isAll: boolean } => {
  const out = new Map<number, number[]>();
  for (const [at, { from, to }] of edges.entries()) {
    if (from === null || from === to) continue;
    out.set(from, [...(out.get(from) ?? []), at]);
  }
  const ways: Way[] = [];
  const onWay = new Set<number>();
  const way: number[] = [];
  // A stack of its own: ways may be as long as there are states.
  const choices: (readonly number[])[] = [];
  const enter = (edge: number): void => {
    const { to } = edges[edge]!;
    way.push(edge);
    onWay.add(to);
    choices.push((out.get(to) ?? []).filter((each) => !onWay.has(edges[each]!.to)));
    if (choices.at(-1)!.length === 0) ways.push([...way]);
  };
  for (const start of inputs.keys()) {
    if (states[start] === undefined) continue;
    enter(foundBy[start]!);
    while (choices.length > 0) {
      if (ways.length >= limit) return { ways: ways.slice(0, limit), isAll: false };
      const [next, ...others] = choices.at(-1)!;
      if (next === undefined) {
        choices.pop();
        onWay.delete(edges[way.pop()!]!.to);
      } else {
        choices[choices.length - 1] = others;
        enter(next);
      }
    }
  }
  return { ways, isAll: true };
};
