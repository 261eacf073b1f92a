import { computed, effect, signal } from '@preact/signals';
import {
  type StateModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../../statechart/read/model.ts';
import type { PageChart, PageDetails, PageIndex, PageScene, PageView } from '../data/page-data.ts';
import { loadJson, reloadJson } from './load.ts';

/** Where the reader is: which chart, which view of it, and what is selected there. The page's address says the same. */
const index = signal<PageIndex | null>(null);
const place = signal({ chart: 'raft', view: 'overview' });
/** The id of a state or of a transition. */
export const selected = signal<string | null>(null);
/** Counts up when the selection should be brought into sight: not when it was clicked at. */
export const summons = signal(0);
export const failure = signal<string | null>(null);

export const charts = computed<readonly PageChart[]>(() => index.value?.charts ?? []);
export const chart = computed<PageChart | null>(
  () => charts.value.find(({ name }) => name === place.value.chart) ?? charts.value[0] ?? null,
);
export const view = computed<PageView | null>(
  () => chart.value?.views.find(({ name }) => name === place.value.view) ?? chart.value?.views[0] ?? null,
);
export const scene = signal<PageScene | null>(null);
export const details = signal<PageDetails | null>(null);

/** What is selected, as a part of the chart that is shown. */
export const selectedTransition = computed<TransitionModel | null>(() => {
  const model = chart.value?.chart;
  return (model && transitionsOf(model).find(({ id }) => id === selected.value)) ?? null;
});
export const selectedState = computed<StateModel | null>(() => {
  const model = chart.value?.chart;
  return (model && statesBelow(model.root).find(({ id }) => id === selected.value)) ?? null;
});

export const goTo = (chartName: string, viewName = 'overview'): void => {
  if (chartName !== chart.value?.name) selected.value = null;
  place.value = { chart: chartName, view: viewName };
};

/** Selects a state or a transition, in a view that shows it. */
export const select = (chartName: string, id: string): void => {
  const target = charts.value.find(({ name }) => name === chartName);
  if (target === undefined) return;
  const number = transitionsOf(target.chart).findIndex((transition) => transition.id === id);
  const isShown = ({ shows }: PageView) => number < 0 || shows.includes(number);
  const here = target === chart.value && view.value !== null && isShown(view.value) ? view.value : null;
  const shown = here ?? target.views.find(isShown) ?? target.views[0]!;
  place.value = { chart: chartName, view: shown.name };
  selected.value = id;
  summons.value += 1;
};

/** Reads the address, loads what it names, and from then on keeps both in step. */
export const openPage = async (): Promise<void> => {
  readAddress();
  addEventListener('hashchange', readAddress);
  effect(() => void loadScene(view.value));
  effect(() => void loadDetails(chart.value));
  try {
    index.value = await loadJson<PageIndex>('data/charts.json');
  } catch (error) {
    failure.value = `The charts cannot be loaded: ${(error as Error).message}`;
    return;
  }
  effect(writeAddress);
};

/** Charts may have come while the page was open. A failure changes nothing. */
export const reloadCharts = async (): Promise<void> => {
  index.value = await reloadJson<PageIndex>('data/charts.json').catch(() => index.peek());
};

const loadScene = async (wanted: PageView | null): Promise<void> => {
  if (wanted === null) return;
  const loaded = await loadJson<PageScene>(wanted.file).catch(() => null);
  if (wanted !== view.peek()) return;
  if (loaded === null) failure.value = 'This view cannot be loaded: is raftchart view still running?';
  else {
    failure.value = null;
    scene.value = loaded;
  }
};

const loadDetails = async (wanted: PageChart | null): Promise<void> => {
  details.value = null;
  if (wanted === null) return;
  const loaded = await loadJson<PageDetails>(`data/details-${wanted.name}.json`).catch(() => null);
  if (wanted === chart.peek()) details.value = loaded;
};

/** `#/raft/overview?raft.follower/RequestVote/1` */
const readAddress = (): void => {
  const [, chartName, viewName, id] = /^#\/([^/?]+)\/([^/?]+)(?:\?(.+))?$/.exec(location.hash) ?? [];
  if (chartName === undefined || viewName === undefined) return;
  place.value = { chart: chartName, view: viewName };
  selected.value = id === undefined ? null : decodeURIComponent(id);
  if (id !== undefined) summons.value += 1;
};

const writeAddress = (): void => {
  if (chart.value === null || view.value === null) return;
  const query = selected.value === null ? '' : `?${encodeURIComponent(selected.value)}`;
  const address = `#/${chart.value.name}/${view.value.name}${query}`;
  if (address !== location.hash) history.replaceState(null, '', address);
  document.title = `${chart.value.title}, ${view.value.name} – raftchart`;
};
