import { type Item, refsOf, type Scene } from '../../statechart/draw/scene.ts';
import { type ChartModel, statesBelow } from '../../statechart/read/model.ts';
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
  const items = scene.items.filter(isDrawn).map(rounded);
  const rules = runsOf(items, (ref) => !states.has(ref)).map((run): Region => {
    const bounds = boundsOf(run.items);
    const isOnArrow = run.items.every((item) => item.kind === 'label' && item.halo !== undefined);
    return { kind: 'rule', refs: refsOf(run.items[0]!), ...(isOnArrow ? { ...bounds, isOnArrow } : widened(items, bounds)) };
  });
  const arrows = items.flatMap((item, at): readonly Region[] =>
    item.kind === 'arrow' && item.ref !== undefined
      ? [{ kind: 'arrow', refs: refsOf(item), ...boundsOf([item]), item: at }]
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

/** A column without a word is no part of its row. */
const isDrawn = (item: Item): boolean => item.kind !== 'label' || item.text.trim() !== '';

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
