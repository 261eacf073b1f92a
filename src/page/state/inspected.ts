import { computed, effect, signal, untracked } from '@preact/signals';
import {
  type InspectedActor,
  type InspectedProgram,
  InspectedSystem,
  type Moment,
} from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { toldTransition } from '../../statechart/inspect/told-transition.ts';
import { statesNamedBy, type TransitionModel } from '../../statechart/read/model.ts';
import { shortened } from '../shortened.ts';
import { viewStopped } from './out-of-date.ts';
import { charts, goTo, isNarrow, loadIndex } from './place.ts';
import type { Source, Token } from './source.ts';

/** The programs that `raftchart view --listen` inspects, and which moment of theirs the page shows. */
const system = new InspectedSystem();
/** Written anew whenever `system` knows more. */
const told = signal({ system });

/** Whether the server listens for programs at all. */
export const isOffered = signal(false);
export const isInspecting = signal(false);
/** Where programs connect. */
export const listenUrl = signal('ws://localhost:8080');
export const inspectionProblem = signal<string | null>(null);
/** The key of the chosen actor. */
export const chosenKey = signal<string | null>(null);
/** The number of the news after which everything is shown; null for the newest, also as it comes. */
export const step = signal<number | null>(null);

const shownStep = computed(() => step.value ?? Number.POSITIVE_INFINITY);

/** Whether no program has ever come. */
export const isEmpty = computed(() => told.value.system.news.length === 0);

export const allNews = computed<readonly News[]>(() => [...told.value.system.news]);
/** The place in `allNews` of what is shown last; -1 for none. */
export const position = computed(() => told.value.system.positionAt(shownStep.value));
export const programs = computed<readonly InspectedProgram[]>(() =>
  told.value.system.programsAt(shownStep.value),
);
export const actors = computed<ReadonlyMap<string, InspectedActor>>(
  () =>
    new Map(
      programs.value.flatMap(({ roots }) => roots.flatMap(withChildren)).map((each) => [each.key, each]),
    ),
);
export const chosen = computed<InspectedActor | null>(() => actors.value.get(chosenKey.value ?? '') ?? null);
export const programOf = ({ program }: InspectedActor): InspectedProgram | null =>
  programs.value.find(({ number }) => number === program) ?? null;
export const moment = computed<Moment | null>(() =>
  chosenKey.value === null ? null : told.value.system.momentAt(chosenKey.value, shownStep.value),
);
export const nameOf = (key: string): string => told.value.system.nameOf(key);

/** What the chosen actor took to come to where it is, where that can be told. */
export const toldOfChosen = computed<TransitionModel | null>(() => {
  const [actor, now] = [chosen.value, moment.value];
  const model = charts.value.find(({ name }) => name === actor?.chart)?.chart;
  if (model === undefined || now?.event == null || now.before === null || !now.isNext) return null;
  return toldTransition(model, now.before, now.event, now.snapshot);
});

const withChildren = (actor: InspectedActor): readonly InspectedActor[] => [
  actor,
  ...actor.children.flatMap(withChildren),
];

/** The marks of inspected actors: of the chosen one on its own chart, on another chart all that run it. */
export const inspectedActors: Source = {
  tokensOn: ({ name, chart }) => {
    if (!isInspecting.value) return [];
    const shown = chosen.value?.chart === name ? [chosen.value] : [...actors.value.values()];
    return shown
      .filter((actor) => actor.chart === name)
      .map((actor): Token => ({ label: labelOf(actor), states: statesNamedBy(chart.root, actor.value) }));
  },
  takenOn: ({ name }) => {
    const told = isInspecting.value && chosen.value?.chart === name ? toldOfChosen.value : null;
    return new Map(told === null ? [] : [[told.id, [labelOf(chosen.value!)]]]);
  },
};

const maxLabel = 14;
const labelOf = ({ name }: InspectedActor): string => shortened(name, maxLabel);

export const choose = (key: string): void => {
  chosenKey.value = key;
};

/** Shows everything as it was after a piece of news, by its place. */
export const showPosition = (at: number): void => {
  const news = allNews.peek()[Math.max(0, Math.min(at, allNews.peek().length - 1))];
  if (news !== undefined) step.value = news.number;
};

export const showLive = (): void => {
  step.value = null;
};

/** News is taken over in batches, no faster than the eye follows. */
const batchMs = 50;

/** Follows the inspector's news; without `--listen` the server says that there is none. */
export const followInspected = (): void => {
  const events = new EventSource('inspected');
  let waiting: News[] = [];
  const sizes = new WeakMap<News, number>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const takeAll = (): void => {
    timer = null;
    system.take(waiting, (news) => sizes.get(news) ?? 0);
    // Told of again, its chart may be there now.
    for (const news of waiting) if (news.kind === 'actor' && news.chart !== null) tried.delete(news.chart);
    waiting = [];
    told.value = { system };
  };
  events.addEventListener('start', ({ data }: MessageEvent<string>) => {
    waiting = [];
    system.clear();
    step.value = null;
    const { url } = JSON.parse(data) as { readonly url?: string | null };
    if (url != null) listenUrl.value = url;
    told.value = { system };
  });
  let skipped = 0;
  events.addEventListener('skipped', ({ data }: MessageEvent<string>) => {
    skipped += (JSON.parse(data) as { readonly count: number }).count;
    inspectionProblem.value = `The page was too slow: ${skipped} pieces of news were skipped. What it shows now is the present state.`;
  });
  events.onopen = () => {
    skipped = 0;
    inspectionProblem.value = null;
    if (!isOffered.peek()) isInspecting.value = true;
    isOffered.value = true;
  };
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const news = JSON.parse(data) as News;
    sizes.set(news, data.length);
    waiting.push(news);
    if (timer === null) timer = setTimeout(takeAll, batchMs);
  };
  events.onerror = () => {
    if (isOffered.peek()) inspectionProblem.value = viewStopped;
  };
  effect(chooseFirst);
  effect(showChart);
  effect(loadNewCharts);
  effect(() => {
    document.documentElement.toggleAttribute('data-inspecting', isInspecting.value && !isEmpty.value);
  });
};

/** One actor is chosen from the start: the first that has a chart, or else the first. */
const chooseFirst = (): void => {
  if (chosenKey.value !== null && (step.value !== null || actors.value.has(chosenKey.value))) return;
  const all = [...actors.value.values()];
  const first = all.find(({ chart }) => chart !== null) ?? all[0];
  if (first !== undefined) chosenKey.value = first.key;
};

const chosenChart = computed(() => {
  const name = chosen.value?.chart ?? null;
  return charts.value.some((chart) => chart.name === name) ? name : null;
});

const showChart = (): void => {
  // The key as well: another actor of the same chart brings the picture back.
  const name = isInspecting.value && chosenKey.value !== null ? chosenChart.value : null;
  if (name !== null)
    untracked(() => {
      // A narrow window would begin with the list, on which nothing is lit.
      const first = charts.value.find((chart) => chart.name === name)?.views[0]?.name;
      goTo(name, isNarrow() ? first : undefined);
    });
};

const tried = new Set<string>();

const loadNewCharts = (): void => {
  if (charts.value.length === 0) return;
  const known = new Set(charts.value.map(({ name }) => name));
  const missing = [...actors.value.values()].flatMap(({ chart }) =>
    chart === null || known.has(chart) || tried.has(chart) ? [] : [chart],
  );
  if (missing.length === 0) return;
  for (const chart of missing) tried.add(chart);
  void loadIndex(true);
};
