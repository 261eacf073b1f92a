import type { Path, PathSet, PathStep } from '../../verify/paths/path.ts';
import { describeCluster, describeEvent, describeReplies } from '../../verify/paths/path-markdown.ts';
import type { PagePathStep, PagePaths } from './page-data.ts';

/** A path that takes a transition, and how many steps come before that. */
interface Walk {
  readonly transition: string;
  /** The place of the path in its set. */
  readonly at: number;
  readonly path: Path;
  readonly before: number;
}

/** Generated tests as the page shows them: by the transitions that they walk. */
export const pagePathsOf = ({ paths }: Pick<PathSet, 'paths'>): PagePaths => {
  const byTransition = Map.groupBy(paths.flatMap(walksOf), ({ transition }) => transition);
  const walks = [...byTransition].map(([transition, found]) => {
    const places = found.toSorted(byShortness).map(({ at }) => at);
    return [transition, places] as const;
  });
  const shown = new Set(walks.map(([, places]) => places[0]));
  return {
    paths: paths.map((path, at) => ({
      id: path.id,
      title: path.title,
      cluster: describeCluster(path),
      steps: shown.has(at) ? path.steps.map(pageStepOf) : null,
    })),
    walks: Object.fromEntries(walks),
  };
};

const walksOf = (path: Path, at: number): readonly Walk[] => {
  const first = new Map<string, number>();
  for (const [before, { transitions }] of path.steps.entries()) {
    for (const { id } of transitions) if (!first.has(id)) first.set(id, before);
  }
  return [...first].map(([transition, before]) => ({ transition, at, path, before }));
};

/** What correct peers can bring about tells more than what they cannot. */
const byShortness = (a: Walk, b: Walk): number =>
  Number(isHostile(a)) - Number(isHostile(b)) ||
  a.before - b.before ||
  a.path.steps.length - b.path.steps.length ||
  a.at - b.at;

const isHostile = ({ path, before }: Walk): boolean =>
  path.steps.slice(0, before + 1).some((step) => step.isHostile);

const pageStepOf = ({ event, isDuplicate, isHostile, expect, transitions }: PathStep): PagePathStep => ({
  event: describeEvent(event),
  marks: [...(isDuplicate ? ['again'] : []), ...(isHostile ? ['hostile'] : [])],
  state: expect.state,
  sent: describeReplies(expect),
  transitions: transitions.map(({ id }) => id),
});
