import { generatedPaths, pathsAddress } from './generated-paths.ts';
import { PageCharts } from './page-charts.ts';
import { builtPage, readPageFiles } from './page-files.ts';
import type { MadeFile, Route } from './serve-page.ts';

/** What a page is served from; more charts may be added to it at any time. */
export interface PageStock {
  readonly charts: PageCharts;
  /** What is made when it is asked for, by path. */
  readonly made: Map<string, MadeFile>;
  /** What answers by itself, by path. */
  readonly routes: Map<string, Route>;
}

/** The built page with all of our own charts, or with those called `names`. `isKept`: whether generated tests may be those of an earlier process. Throws `UsageError` where the page has not been built. */
export const ownPage = (names?: readonly string[], isKept = true): PageStock => ({
  charts: new PageCharts(readPageFiles(builtPage()), names),
  made: new Map([[`/${pathsAddress}`, generatedPaths({ cover: 'transitions', isKept })]]),
  routes: new Map(),
});
