import {
  type ChartModel,
  changesTopState,
  statesBelow,
  type TransitionModel,
  topStateOf,
  transitionsOf,
} from '../../statechart/read/model.ts';
import { guardText, triggerText } from '../../statechart/read/notation.ts';
import type { Item, Label, Scene } from '../../statechart/draw/scene.ts';
import type { PageScene, Region } from './page-data.ts';

interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Finds what can be pointed at in a scene: states, the rows of rule tables, arrows and the lines written on them. */
export const withRegions = (chart: ChartModel, scene: Scene): PageScene => {
  const states = new Set(statesBelow(chart.root).map(({ id }) => id));
  const { title, description, width, height } = scene;
  const items = scene.items.map(rounded);
  const arrowRefs = new Map<string, string[]>();
  const rules: Region[] = [];
  for (const run of runsOf(items, (ref) => !states.has(ref))) {
    const written = run.items.filter((item) => item.kind === 'label');
    const lines = isOnArrow(items, run.ref) && written.length === run.items.length ? linesOf(written) : null;
    if (lines === null) {
      rules.push({ kind: 'rule', refs: [run.ref], ...widened(items, boundsOf(run.items)) });
      continue;
    }
    for (const line of lines) {
      const ref = transitionWritten(chart, run.ref, line)?.id;
      // A line that only names the source belongs to the transition above it.
      const last = rules.at(-1);
      if (ref === undefined && last !== undefined) {
        rules[rules.length - 1] = { ...last, ...union(last, boundsOf(line)) };
      } else {
        const shown = ref ?? run.ref;
        rules.push({ kind: 'rule', refs: [shown], ...boundsOf(line) });
        arrowRefs.set(run.ref, [...(arrowRefs.get(run.ref) ?? []), shown]);
      }
    }
  }
  const arrows = items.flatMap((item, at): readonly Region[] =>
    item.kind === 'arrow' && item.ref !== undefined
      ? [{ kind: 'arrow', refs: arrowRefs.get(item.ref) ?? [item.ref], ...boundsOf([item]), item: at }]
      : [],
  );
  return {
    title,
    description,
    width,
    height,
    items,
    regions: [...stateRegions(items, states), ...arrows, ...merged(rules)],
  };
};

/** Coordinates to a tenth of a pixel, so that the files stay small. */
const rounded = (item: Item): Item =>
  JSON.parse(
    JSON.stringify(item, (_, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 10) / 10 : value,
    ),
  ) as Item;

/** Items one behind the other that stand for the same thing; arrows apart. */
const runsOf = (items: readonly Item[], isMeant: (ref: string) => boolean) => {
  const runs: { readonly ref: string; readonly items: Item[] }[] = [];
  let open = null as { readonly ref: string; readonly items: Item[] } | null;
  for (const item of items) {
    const ref = item.kind === 'arrow' || item.ref === undefined || !isMeant(item.ref) ? null : item.ref;
    if (ref === null) open = null;
    else if (open?.ref === ref) open.items.push(item);
    else {
      open = { ref, items: [item] };
      runs.push(open);
    }
  }
  return runs;
};

const isOnArrow = (items: readonly Item[], ref: string): boolean =>
  items.some((item) => item.kind === 'arrow' && item.ref === ref);

const linesOf = (labels: readonly Label[]): readonly (readonly Label[])[] => [
  ...Map.groupBy(labels, ({ y }) => y).values(),
];

/** All that share an arrow carry the id of the first: which one is it that is written here? */
const transitionWritten = (
  chart: ChartModel,
  ref: string,
  line: readonly Label[],
): TransitionModel | undefined => {
  const text = line
    .map((label) => label.text)
    .join('')
    .trim();
  const all = transitionsOf(chart);
  const first = all.find(({ id }) => id === ref);
  const isWritten = (transition: TransitionModel) =>
    `${triggerText(transition)} ${guardText(transition)}`.trim() === text;
  if (first === undefined || isWritten(first)) return first;
  const top = (id: string | undefined) => (id === undefined ? id : topStateOf(chart, id));
  return all.find(
    (each) =>
      isWritten(each) &&
      changesTopState(chart, each) === changesTopState(chart, first) &&
      top(each.source) === top(first.source) &&
      top(each.targets[0]) === top(first.targets[0]),
  );
};

const boundsOf = (items: readonly Item[]): Bounds => items.map(boundsOfItem).reduce(union);

const boundsOfItem = (item: Item): Bounds => {
  switch (item.kind) {
    case 'box':
      return { x: item.x, y: item.y, width: item.width, height: item.height };
    case 'label':
      return { x: item.x, y: item.y - item.size, width: item.width, height: item.size * 1.3 };
    case 'line':
      return around([item.x1, item.x2], [item.y1, item.y2]);
    case 'arrow':
      return around(
        item.points.map(({ x }) => x),
        item.points.map(({ y }) => y),
      );
  }
};

const around = (xs: readonly number[], ys: readonly number[]): Bounds => {
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
};

const union = (a: Bounds, b: Bounds): Bounds =>
  around([a.x, b.x, a.x + a.width, b.x + b.width], [a.y, b.y, a.y + a.height, b.y + b.height]);

/** A row of a table reaches to both edges of its box. */
const widened = (items: readonly Item[], row: Bounds): Bounds => {
  const box = items
    .filter((item) => item.kind === 'box' && item.fill === 'panel')
    .map(boundsOfItem)
    .filter((each) => contains(each, row))
    .toSorted((a, b) => a.width * a.height - b.width * b.height)[0];
  return box === undefined ? row : { ...row, x: box.x, width: box.width };
};

const contains = (outer: Bounds, { x, y, width, height }: Bounds): boolean =>
  outer.x <= x + 1 &&
  outer.y <= y + 1 &&
  outer.x + outer.width >= x + width - 1 &&
  outer.y + outer.height >= y + height - 1;

/** What was drawn in several pieces is one region: pieces inside another of the same thing go. */
const merged = (regions: readonly Region[]): readonly Region[] => {
  const kept: Region[] = [];
  for (const region of regions) {
    const isInside = kept.some((each) => each.refs[0] === region.refs[0] && contains(each, region));
    if (!isInside) kept.push(region);
  }
  return kept;
};

/** The box of each state, or the heading inside its parent's; larger ones first, so that smaller ones are in front. */
const stateRegions = (items: readonly Item[], states: ReadonlySet<string>): readonly Region[] => {
  const runs = runsOf(items, (ref) => states.has(ref));
  const largest = new Map<string, Bounds>();
  for (const { ref, items: pieces } of runs) {
    const isBox = pieces.some(({ kind }) => kind === 'box');
    const bounds = isBox ? boundsOf(pieces) : widened(items, boundsOf(pieces));
    const before = largest.get(ref);
    if (before === undefined || area(bounds) > area(before)) largest.set(ref, bounds);
  }
  return [...largest]
    .toSorted(([, a], [, b]) => area(b) - area(a))
    .map(([ref, bounds]) => ({ kind: 'state', refs: [ref], ...bounds }));
};

const area = ({ width, height }: Bounds): number => width * height;
