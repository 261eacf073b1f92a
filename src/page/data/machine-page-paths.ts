import type { MachinePaths } from '../../statechart/paths/machine-paths.ts';
import { eventWords } from '../../statechart/paths/machine-walk.ts';
import type { ModelStep } from '../../statechart/paths/model-path.ts';
import type { PagePathStep, PagePaths } from './page-data.ts';
import { walksIn } from './walks-in.ts';

/** Paths through any machine as the page shows them; `command` prints them. */
export const machinePagePaths = (
  { paths, notReached }: Pick<MachinePaths, 'paths' | 'notReached'>,
  command: string,
): PagePaths => {
  const walks = walksIn(paths);
  return {
    kind: 'path',
    command,
    paths: paths.map(({ id, title, state, steps }) => ({
      id,
      title,
      setup: `starts in \`${state}\``,
      steps: steps.map(pageStepOf),
    })),
    walks: Object.fromEntries(walks),
    notWalked: Object.fromEntries(
      notReached.filter(({ id }) => !walks.has(id)).map(({ id, reason }) => [id, reason]),
    ),
  };
};

const pageStepOf = ({ event, isTimer, waitMs, state, transitions }: ModelStep): PagePathStep => ({
  event: isTimer ? `after ${waitMs} ms` : `${waitMs > 0 ? `after ${waitMs} ms, ` : ''}\`${code(eventWords(event))}\``,
  marks: [],
  state,
  sent: [],
  transitions,
});

const code = (text: string): string => text.replaceAll('`', "'");
