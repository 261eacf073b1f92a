import { type Item, placeRuns, type Run, runWidth, type Scene, shift } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import { flightsOf, nodesOf, type SequenceEvent } from './sequence.ts';
import { type DrawnRow, drawRow } from './sequence-draw.ts';
import { type Grid, gridOf, margin } from './sequence-grid.ts';
import { sequenceLegend } from './sequence-legend.ts';
import { eventsOf, rowsOf, type SequenceRow, termsOf } from './sequence-rows.ts';

const titleSize = 18;
const titleHeight = 24;
/** The narrowest picture that still has room for its words. */
const leastWidth = 560;

/**
 * Lays a story out from the top down, in rows that share nothing: what stands in one cannot run into what stands in another.
 * `timeText` writes the times, which need not be real times; `note` goes below the legend.
 */
export const sequenceScene = (
  title: string,
  events: readonly SequenceEvent[],
  timeText: (time: number) => string = milliseconds,
  note = '',
): Scene => {
  const nodes = nodesOf(events);
  const rows = rowsOf(events);
  const grid = gridOf(nodes, rows, leastWidth);
  const titleLines = wrapText(title, 'strong', titleSize, grid.width - 2 * margin);
  const head = margin + titleLines.length * titleHeight + 8;
  const placed = stacked(rows, grid, head + 40);
  const bottom = (placed.at(-1)?.bottom ?? head + 40) + 8;
  const legend = sequenceLegend(rows, note, grid.width - 2 * margin);
  return {
    title,
    description: `${nodes.length} lifelines, ${flightsOf(events).length} messages, time from the top down.`,
    width: grid.width,
    height: bottom + 14 + legend.height + margin,
    items: [
      ...bandItems(rows, placed, grid, bottom),
      ...titleLines.flatMap((text, at) =>
        placeRuns(
          [{ text, face: 'strong', paint: 'ink', size: titleSize }],
          margin,
          margin + 16 + at * titleHeight,
        ),
      ),
      ...nodes.flatMap((node) => [
        ...nameItems(node, grid, head),
        ...lifeline(node, rows, placed, grid, head + 26, bottom),
      ]),
      ...placed.flatMap(({ drawn, top }) => shift(drawn.items, 0, top)),
      ...timeItems(rows, placed, timeText),
      ...shift(legend.items, margin, bottom + 14),
    ],
  };
};

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
  { width, right }: Grid,
  bottom: number,
): readonly Item[] => {
  const bands = termsOf(rows);
  return bands.flatMap(({ term, from }, at): readonly Item[] => {
    const { top, drawn } = placed[from]!;
    const end = at + 1 < bands.length ? placed[bands[at + 1]!.from]!.top : bottom;
    const name: Run = { text: `term ${term}`, face: 'strong', paint: 'faint', size: 11 };
    return [
      {
        kind: 'box',
        x: margin,
        y: top,
        width: width - 2 * margin,
        height: end - top,
        fill: at % 2 === 0 ? 'band' : 'heading',
      },
      ...placeRuns([name], Math.max(right, width - margin - runWidth(name) - 4), top + drawn.middle + 4),
    ];
  });
};

const nameItems = (node: string, { x, gap }: Grid, y: number): readonly Item[] => {
  const name: Run = { text: node, face: 'strong', paint: 'ink', size: 13 };
  const width = Math.min(gap - 8, Math.max(56, runWidth(name) + 20));
  return [
    { kind: 'box', x: x(node) - width / 2, y, width, height: 26, radius: 5, fill: 'panel', stroke: 'line' },
    ...placeRuns([name], x(node) - runWidth(name) / 2, y + 18),
  ];
};

/** Dashed while the node is down; it stops where something stands in its way. */
const lifeline = (
  node: string,
  rows: readonly SequenceRow[],
  placed: readonly PlacedRow[],
  { x }: Grid,
  top: number,
  bottom: number,
): readonly Item[] => {
  const firstTurn = rows.flatMap(eventsOf).find((event) => isTurnOf(node, event));
  let isDown = firstTurn?.kind === 'restart';
  let from = top;
  const items: Item[] = [];
  const drawTo = (y: number) => {
    if (y > from)
      items.push({
        kind: 'line',
        x1: x(node),
        y1: from,
        x2: x(node),
        y2: y,
        paint: isDown ? 'removed' : 'faint',
        isDashed: isDown,
      });
  };
  for (const [at, row] of rows.entries()) {
    const events = eventsOf(row);
    if (row.kind !== 'wide' && !(row.kind === 'marks' && row.marks.some((mark) => mark.node === node)))
      continue;
    drawTo(placed[at]!.top);
    from = placed[at]!.bottom;
    for (const event of events) {
      if (isTurnOf(node, event)) isDown = event.kind === 'crash';
      if (event.kind === 'cut') isDown = event.down.includes(node);
    }
  }
  drawTo(bottom);
  return items;
};

const isTurnOf = (node: string, event: SequenceEvent): boolean =>
  (event.kind === 'crash' || event.kind === 'restart') && event.node === node;

const milliseconds = (time: number): string => `${(Math.round(time * 10) / 10).toLocaleString('en')} ms`;

const timeItems = (
  rows: readonly SequenceRow[],
  placed: readonly PlacedRow[],
  timeText: (time: number) => string,
): readonly Item[] => {
  let last = '';
  return rows.flatMap((row, at) => {
    const text = timeText(row.time);
    if (text === last) return [];
    last = text;
    const { top, drawn } = placed[at]!;
    const run: Run = { text, face: 'code', paint: 'faint', size: 10 };
    return placeRuns([run], margin + 6, top + drawn.middle + 3.5);
  });
};
