import { type Item, placeRuns, type Run, runWidth, type Scene, shift } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import { flightsOf, nodesOf, type SequenceEvent } from './sequence.ts';
import { drawRow } from './sequence-draw.ts';
import { type DrawnRow, type Grid, gridOf, type SequenceForm } from './sequence-grid.ts';
import { sequenceLegend } from './sequence-legend.ts';
import { eventsOf, rowsOf, type SequenceRow, termsOf } from './sequence-rows.ts';

/** Lays a story out from the top down, in rows that share nothing: what stands in one cannot run into what stands in another. */
export const sequenceScene = (
  title: string,
  events: readonly SequenceEvent[],
  { timeText = milliseconds, note = '', form = 'wide' }: SceneOptions = {},
): Scene => {
  const nodes = nodesOf(events);
  const rows = rowsOf(events);
  const grid = gridOf(form, nodes, rows);
  const { width, margin, titleSize } = grid;
  const titleHeight = titleSize * 1.3;
  const titleLines = wrapText(title, 'strong', titleSize, width - 2 * margin);
  const head = margin + titleLines.length * titleHeight + 8;
  const placed = stacked(rows, grid, head + 40);
  const bottom = (placed.at(-1)?.bottom ?? head + 40) + 8;
  const names = form === 'narrow' ? nodes.map((node) => `${shortName(node)}: ${node}`).join(', ') : '';
  const legend = sequenceLegend(rows, [note, names].filter(Boolean).join(' '), width - 2 * margin);
  const titleRun = (text: string): Run => ({ text, face: 'strong', paint: 'ink', size: titleSize });
  return {
    title,
    description: `${nodes.length} lifelines, ${flightsOf(events).length} messages, time from the top down.`,
    width,
    height: bottom + 14 + legend.height + margin,
    items: [
      ...bandItems(rows, placed, grid, bottom),
      ...titleLines.flatMap((text, at) =>
        placeRuns([titleRun(text)], margin, margin + titleSize - 2 + at * titleHeight),
      ),
      ...nodes.flatMap((node) => [
        ...nameItems(node, grid, head),
        ...lifeline(node, rows, placed, grid, head + 26, bottom),
      ]),
      ...placed.flatMap(({ drawn, top }) => shift(drawn.items, 0, top)),
      ...timeItems(rows, placed, timeText, grid),
      ...shift(legend.items, margin, bottom + 14),
    ],
  };
};

export interface SceneOptions {
  /** Writes the times, which need not be real times. */
  readonly timeText?: (time: number) => string;
  /** What else there is to say of the picture, below the legend. */
  readonly note?: string;
  readonly form?: SequenceForm;
}

interface PlacedRow {
  readonly drawn: DrawnRow;
  readonly top: number;
  readonly bottom: number;
}

const stacked = (rows: readonly SequenceRow[], grid: Grid, from: number): readonly PlacedRow[] => {
  let top = from;
  return rows.map((row) => {
    const drawn = drawRow(row, grid);
    const placed = { drawn, top, bottom: top + drawn.height };
    top = placed.bottom;
    return placed;
  });
};

const bandItems = (
  rows: readonly SequenceRow[],
  placed: readonly PlacedRow[],
  { width, right, margin, form }: Grid,
  bottom: number,
): readonly Item[] => {
  const bands = termsOf(rows);
  return bands.flatMap(({ term, from }, at): readonly Item[] => {
    const { top, drawn } = placed[from]!;
    const end = at + 1 < bands.length ? placed[bands[at + 1]!.from]!.top : bottom;
    const name: Run = {
      text: form === 'narrow' ? `t${term}` : `term ${term}`,
      face: 'strong',
      paint: 'faint',
      size: 11,
    };
    return [
      {
        kind: 'box',
        x: margin,
        y: top,
        width: width - 2 * margin,
        height: end - top,
        fill: at % 2 === 0 ? 'band' : 'heading',
      },
      ...placeRuns([name], Math.max(right + 2, width - margin - runWidth(name) - 4), top + drawn.middle + 4),
    ];
  });
};

/** `n1` for `node1`. */
const shortName = (node: string): string => node.replace(/^(\p{L})\p{L}*/u, '$1');

const nameItems = (node: string, { x, gap, form }: Grid, y: number): readonly Item[] => {
  const text = form === 'narrow' ? shortName(node) : node;
  const name: Run = { text, face: 'strong', paint: 'ink', size: 13 };
  const width = Math.min(gap - 6, Math.max(56, runWidth(name) + 20));
  return [
    { kind: 'box', x: x(node) - width / 2, y, width, height: 26, radius: 5, fill: 'panel', stroke: 'line' },
    ...placeRuns([name], x(node) - runWidth(name) / 2, y + 18),
  ];
};

/** Dashed while the node is down. It stops at every text and box in its way, and at what goes across all lifelines. */
const lifeline = (
  node: string,
  rows: readonly SequenceRow[],
  placed: readonly PlacedRow[],
  grid: Grid,
  top: number,
  bottom: number,
): readonly Item[] => {
  const x = grid.x(node);
  const items: Item[] = [];
  let isDown = rows.flatMap(eventsOf).find((event) => isTurnOf(node, event))?.kind === 'restart';
  let from = top;
  const drawTo = (y: number) => {
    if (y <= from) return;
    const paint = isDown ? 'removed' : 'faint';
    items.push({ kind: 'line', x1: x, y1: from, x2: x, y2: y, paint, isDashed: isDown });
  };
  for (const [at, row] of rows.entries()) {
    const { drawn, top: rowTop, bottom: rowBottom } = placed[at]!;
    const inTheWay = row.kind === 'wide' ? [[rowTop, rowBottom] as const] : stopsAt(x, drawn.items, rowTop);
    for (const [upper, lower] of inTheWay) {
      drawTo(upper);
      from = Math.max(from, lower);
    }
    for (const event of eventsOf(row)) {
      if (isTurnOf(node, event)) isDown = event.kind === 'crash';
      if (event.kind === 'cut') isDown = event.down.includes(node);
    }
  }
  drawTo(bottom);
  return items;
};

/** From where to where there is a text or a box at `x`, from the top down. */
const stopsAt = (
  x: number,
  items: readonly Item[],
  top: number,
): readonly (readonly [upper: number, lower: number])[] =>
  items
    .flatMap((item): readonly (readonly [number, number])[] => {
      if (item.kind !== 'label' && (item.kind !== 'box' || item.stroke === undefined)) return [];
      if (item.x - 2 > x || item.x + item.width + 2 < x) return [];
      const [upper, lower] =
        item.kind === 'label' ? [item.y - item.size, item.y + 3] : [item.y, item.y + item.height];
      return [[top + upper, top + lower]];
    })
    .toSorted(([a], [b]) => a - b);

const isTurnOf = (node: string, event: SequenceEvent): boolean =>
  (event.kind === 'crash' || event.kind === 'restart') && event.node === node;

const milliseconds = (time: number): string => `${(Math.round(time * 10) / 10).toLocaleString('en')} ms`;

const timeItems = (
  rows: readonly SequenceRow[],
  placed: readonly PlacedRow[],
  timeText: (time: number) => string,
  { margin, form }: Grid,
): readonly Item[] => {
  let last = '';
  return rows.flatMap((row, at) => {
    const text = timeText(row.time);
    if (text === last) return [];
    last = text;
    const { top, drawn } = placed[at]!;
    const run: Run = { text, face: 'code', paint: 'faint', size: form === 'narrow' ? 9 : 10 };
    return placeRuns([run], margin + (form === 'narrow' ? 3 : 6), top + drawn.middle + 3.5);
  });
};
