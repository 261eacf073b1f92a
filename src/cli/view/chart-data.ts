import type { PageChart, PageDetails, PageView } from '../../page/data/page-data.ts';
import { withRegions } from '../../page/data/regions.ts';
import { gateSteps } from '../../statechart/draw/gate.ts';
import { noLinks } from '../../statechart/draw/state-box.ts';
import { layoutView, type View } from '../../statechart/draw/view.ts';
import { type ChartModel, transitionsOf } from '../../statechart/read/model.ts';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';

/** A file of the page's data, by its path below the page. */
export interface DataFile {
  readonly path: string;
  readonly content: string;
}

/** What the page shows of one chart: its entry in the page's index, and the files that it names. */
export interface ChartData {
  readonly chart: PageChart;
  readonly files: readonly DataFile[];
}

/** What a chart is called on the page. */
export type NamedChart = Pick<PageChart, 'name' | 'title' | 'path' | 'chart' | 'paths'>;

const noDetails: PageDetails = { names: {}, transitions: {}, tests: null, problem: null };

/** Lays a chart out in all its views; the page itself lays nothing out. Rejects with `PackageMissing` where elkjs is not installed. */
export const chartData = async (
  named: NamedChart,
  details: PageDetails = noDetails,
  rules: RuleStyle = plainRules,
): Promise<ChartData> => {
  const { name, chart } = named;
  const files = [jsonFile(`data/details-${encodeURIComponent(name)}.json`, details)];
  const views: PageView[] = [];
  for (const [viewName, view] of viewsOf(chart)) {
    const scene = withRegions(chart, await layoutView(chart, view, noLinks, rules));
    // No encoded name has this sign, so the view `b-c` of `a` is another file than the view `c` of `a-b`.
    const file = `data/${encodeURIComponent(name)}=${encodeURIComponent(viewName)}.json`;
    const shown = new Set(scene.regions.flatMap(({ refs }) => refs));
    const shows = transitionsOf(chart).flatMap(({ id }, at) => (shown.has(id) ? [at] : []));
    views.push({ name: viewName, file, shows });
    files.push(jsonFile(file, scene));
  }
  return { chart: { ...named, views }, files };
};

export const jsonFile = (path: string, value: unknown): DataFile => ({
  path,
  content: JSON.stringify(value),
});

const viewsOf = (chart: ChartModel): readonly (readonly [string, View])[] => {
  const whole: readonly (readonly [string, View])[] = [
    ['outline', { kind: 'outline' }],
    ['overview', { kind: 'overview' }],
    ...(gateSteps(chart).size > 0 ? [['gate', { kind: 'gate' }] as const] : []),
  ];
  // The page adds a list.
  const names = new Set([...whole.map(([name]) => name), 'full', 'list']);
  const states = chart.root.states
    .filter(({ type }) => type !== 'final')
    .map(({ key }) => [names.has(key) ? `role=${key}` : key, { kind: 'state', name: key }] as const);
  return [...whole, ...states, ['full', { kind: 'full' }]];
};
