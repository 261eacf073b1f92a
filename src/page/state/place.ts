import { computed, effect, signal } from '@preact/signals';
import {
  type StateModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../../statechart/read/model.ts';
import type { PageChart, PageDetails, PageIndex, PageScene, PageView } from '../data/page-data.ts';
import { forget, loadJson } from './load.ts';

/** Where the reader is: which chart, which view of it, and what is selected there. The page's address says the same. */
const index = signal<PageIndex | null>(null);
/** Empty: whatever comes first. */
const place = signal({ chart: '', view: '' });
/** The id of a state or of a transition. */
export const selected = signal<string | null>(null);
/** Counts up when the selection should be brought into sight: not when it was clicked at. */
export const summons = signal(0);
export const failure = signal<string | null>(null);

export const charts = computed<readonly PageChart[]>(() => index.value?.charts ?? []);
/** Nothing will be told while the page is open. */
export const isStill = computed(() => index.value?.isStill === true);
export const chart = computed<PageChart | null>(
  () => charts.value.find(({ name }) => name === place.value.chart) ?? charts.value[0] ?? null,
);
/** The views of the chart; the first is a list, which the page makes by itself. */
export const views = computed<readonly PageView[]>(() =>
  chart.value === null ? [] : [listOf(chart.value), ...chart.value.views],
);
export const view = computed<PageView | null>(
  () =>
    views.value.find(({ name }) => name === place.value.view) ??
    views.value.find(({ name }) => name === (isNarrow() ? listName : 'overview')) ??
    null,
);
export const listName = 'list';

const listOf = ({ chart: model }: PageChart): PageView => ({
  name: listName,
  file: '',
  shows: transitionsOf(model).map((_, at) => at),
});

/** Where a picture of rules has no room to be read. */
export const isNarrow = (): boolean => matchMedia('(max-width: 700px)').matches;

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

/** What the address names and nobody knows, in a sentence; null for nothing. */
export const unknown = computed<string | null>(() => {
  const { chart: chartName, view: viewName } = place.value;
  if (chart.value === null) return null;
  const { name } = chart.value;
  if (chartName !== '' && chartName !== name) return `There is no chart ${chartName} here.`;
  if (viewName !== '' && viewName !== view.value?.name) return `There is no view ${viewName} of ${name}.`;
  if (selected.value === null || selectedTransition.value !== null || selectedState.value !== null)
    return null;
  return `There is no state or rule ${selected.value} in ${name}.`;
});

/** From an address that names what nobody knows to what is shown instead. */
export const leaveUnknown = (): void => {
  if (selectedTransition.value === null && selectedState.value === null) selected.value = null;
  if (chart.value !== null) place.value = { chart: chart.value.name, view: view.value?.name ?? '' };
};

/** Without a view, to the one that fits the window. */
export const goTo = (chartName: string, viewName = ''): void => {
  if (chartName !== chart.value?.name || unknown.value !== null) selected.value = null;
  place.value = { chart: chartName, view: viewName };
};

/** Selects a state or a transition, in a view that shows it. */
export const select = (chartName: string, id: string): void => {
  const target = charts.value.find(({ name }) => name === chartName);
  if (target === undefined) return;
  const number = transitionsOf(target.chart).findIndex((transition) => transition.id === id);
  const isShown = ({ shows }: PageView) => number < 0 || shows.includes(number);
  const here = target === chart.value && view.value !== null && isShown(view.value) ? view.value : null;
  const shown = here ?? (isNarrow() ? listOf(target) : target.views.find(isShown)) ?? target.views[0]!;
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
  await loadIndex();
  effect(writeAddress);
};

/** Whoever asks later knows of more charts. */
let newest: Promise<PageIndex> | null = null;

/** Loads the charts, again if `hasChanged` says that some may be others now. */
export const loadIndex = async (hasChanged = false): Promise<void> => {
  if (hasChanged) forget();
  const wasKnown = unknown.peek() === null;
  const loading = loadJson<PageIndex>('data/charts.json');
  newest = loading;
  try {
    const loaded = await loading;
    if (newest !== loading) return;
    index.value = loaded;
    if (!hasChanged) return;
    failure.value = null;
    // What the reader was at may be gone.
    if (wasKnown) leaveUnknown();
  } catch (error) {
    if (newest !== loading) return;
    failure.value = `The charts cannot be loaded: ${(error as Error).message}`;
  }
};

/** What the picture shows. */
let shown: { readonly chart: string; readonly view: string } | null = null;

/** Which picture `scene` is: the same for each version of it. */
export const pictureShown = (): string => `${shown?.chart}/${shown?.view}`;

const loadScene = async (wanted: PageView | null): Promise<void> => {
  const owner = chart.peek();
  if (wanted === null || owner === null) return;
  const loaded =
    wanted.name === listName ? null : await loadJson<PageScene>(wanted.file).catch(() => 'failed');
  if (wanted !== view.peek()) return;
  if (typeof loaded === 'string') {
    failure.value = 'This view cannot be loaded: is raftchart view still running?';
    // The picture stays, and what is marked above it is where it belongs.
    if (shown !== null) place.value = shown;
    return;
  }
  const isBack = shown?.chart === owner.name && shown.view === wanted.name;
  if (!isBack) failure.value = null;
  shown = { chart: owner.name, view: wanted.name };
  scene.value = loaded as PageScene | null;
};

/** The chart that `details` are of. */
let detailed: string | null = null;

const loadDetails = async (wanted: PageChart | null): Promise<void> => {
  if (wanted?.name !== detailed) details.value = null;
  detailed = wanted?.name ?? null;
  if (wanted === null) return;
  const loaded = await loadJson<PageDetails>(`data/details-${encodeURIComponent(wanted.name)}.json`).catch(
    () => null,
  );
  if (wanted === chart.peek()) details.value = loaded;
};

/** `#/raft/overview?raft.follower/RequestVote/1` */
const readAddress = (): void => {
  const [, chartName, viewName, id] = /^#\/([^/?]+)\/([^/?]+)(?:\?(.+))?$/.exec(location.hash) ?? [];
  if (chartName === undefined || viewName === undefined) return;
  place.value = { chart: decoded(chartName), view: decoded(viewName) };
  selected.value = id === undefined ? null : decoded(id);
  if (id !== undefined) summons.value += 1;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const writeAddress = (): void => {
  if (chart.value === null || view.value === null || unknown.value !== null) return;
  const query = selected.value === null ? '' : `?${encodeURIComponent(selected.value)}`;
  const address = `#/${encodeURIComponent(chart.value.name)}/${encodeURIComponent(view.value.name)}${query}`;
  if (address !== location.hash) history.replaceState(null, '', address);
  document.title = `${chart.value.title}, ${view.value.name} – raftchart`;
};
