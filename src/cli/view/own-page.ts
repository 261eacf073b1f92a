import { GeneratedPaths, pathsAddress } from './generated-paths.ts';
import { PageCharts } from './page-charts.ts';
import { builtPage, readPageFiles } from './page-files.ts';
import type { PathsTask } from './paths-worker.ts';
import type { MadeFile } from './serve-page.ts';

/** What a page is served from; more charts may be added to it at any time. */
export interface PageStock {
  readonly charts: PageCharts;
  /** What is made when it is asked for, by path. */
  readonly made: Map<string, MadeFile>;
}

/** The built page with all of our own charts, or with those called `names`. `isKept`: whether generated tests may be those of an earlier process. Throws `UsageError` where the page has not been built. */
export const ownPage = (names?: readonly string[], isKept = true): PageStock => {
  const task: PathsTask = { cover: 'transitions', isKept };
  return {
    charts: new PageCharts(readPageFiles(builtPage()), names),
    made: new Map([[`/${pathsAddress}`, new GeneratedPaths(task)]]),
  };
};
