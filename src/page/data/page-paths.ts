import type { Path, PathSet, PathStep } from '../../verify/paths/path.ts';
import { describeCluster, describeEvent, describeReplies } from '../../verify/paths/path-markdown.ts';
import type { PagePathStep, PagePaths } from './page-data.ts';
import { walksIn } from './walks-in.ts';

/** Generated tests of a Raft node as the page shows them: by the transitions that they walk. */
export const pagePathsOf = ({ paths }: Pick<PathSet, 'paths'>): PagePaths => {
  // What correct peers can bring about tells more than what they cannot.
  const walks = walksIn(paths, ({ steps }, before) =>
    steps.slice(0, before + 1).some((step) => step.isHostile) ? 1 : 0,
  );
  const shown = new Set([...walks.values()].map(([first]) => first));
  return {
    kind: 'test',
    command: 'npx raftchart paths --format markdown',
    paths: paths.map((path: Path, at) => ({
      id: path.id,
      title: path.title,
      setup: describeCluster(path),
      steps: shown.has(at) ? path.steps.map(pageStepOf) : null,
    })),
    walks: Object.fromEntries(walks),
    notWalked: {},
  };
};

const pageStepOf = ({ event, isDuplicate, isHostile, expect, transitions }: PathStep): PagePathStep => ({
  event: describeEvent(event),
  marks: [...(isDuplicate ? ['again'] : []), ...(isHostile ? ['hostile'] : [])],
  state: expect.state,
  sent: describeReplies(expect),
  transitions: transitions.map(({ id }) => id),
});
