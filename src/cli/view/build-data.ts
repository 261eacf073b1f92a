import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detailsOf } from '../../page/data/details.ts';
import type { PageChart, PageIndex, PageView } from '../../page/data/page-data.ts';
import { withRegions } from '../../page/data/regions.ts';
import { gateSteps } from '../../statechart/draw/gate.ts';
import { noLinks } from '../../statechart/draw/state-box.ts';
import { layoutView, type View } from '../../statechart/draw/view.ts';
import { type ChartModel, transitionsOf } from '../../statechart/read/model.ts';
import { indexTests, type TestIndex } from '../../statechart/read/test-index.ts';
import { walk } from '../../statechart/read/walk.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { type KnownChart, knownCharts } from '../diagram/charts.ts';
import { readSourceIndex, readSources } from '../diagram/sources.ts';
import { pathsAddress } from './generated-paths.ts';

/** A file of the page's data, by its path below the page. */
export interface DataFile {
  readonly path: string;
  readonly content: string;
}

/** Lays all charts out and gathers what the page says of their rules. Done when the page is built; the page itself lays nothing out. */
export const buildData = async (root: string): Promise<readonly DataFile[]> => {
  const tests = indexTests(readSources(root, ['test']));
  const files: DataFile[] = [];
  const charts: PageChart[] = [];
  for (const known of knownCharts) {
    const chart = walk(known.machine);
    const views: PageView[] = [];
    for (const [name, view] of viewsOf(chart)) {
      const scene = withRegions(chart, await layoutView(chart, view, noLinks, raftRules));
      const file = `data/${known.name}-${name}.json`;
      const shown = new Set(scene.regions.flatMap(({ refs }) => refs));
      const shows = transitionsOf(chart).flatMap(({ id }, at) => (shown.has(id) ? [at] : []));
      views.push({ name, file, shows });
      files.push(json(file, scene));
    }
    const { name, title, path } = known;
    charts.push({ name, title, path, chart, views, paths: name === 'raft' ? pathsAddress : null });
    files.push(json(`data/details-${known.name}.json`, details(root, known, chart, tests)));
  }
  return [json('data/charts.json', { charts } satisfies PageIndex), ...files];
};

const json = (path: string, value: unknown): DataFile => ({ path, content: JSON.stringify(value) });

const details = (root: string, known: KnownChart, chart: ChartModel, tests: TestIndex) =>
  detailsOf(chart, readFileSync(join(root, known.path), 'utf8'), readSourceIndex(root, known.sources), tests);

const viewsOf = (chart: ChartModel): readonly (readonly [string, View])[] => [
  ['outline', { kind: 'outline' }],
  ['overview', { kind: 'overview' }],
  ...(gateSteps(chart).size > 0 ? [['gate', { kind: 'gate' }] as const] : []),
  ...chart.root.states
    .filter(({ type }) => type !== 'final')
    .map(({ key }) => [key, { kind: 'state', name: key }] as const),
  ['full', { kind: 'full' }],
];
