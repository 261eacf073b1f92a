import type { Paint } from '../statechart/draw/palette.ts';
import { type Item, placeRuns, type Run, runWidth } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import type { SequenceLine, SequenceLogs } from './sequence.ts';
import type { DrawnRow, Grid } from './sequence-grid.ts';
import { cell, cellHeight, cross, tear, tick } from './sequence-icons.ts';
import type { WideEvent } from './sequence-rows.ts';

/** A row across all lifelines. */
export const drawWide = (event: WideEvent, grid: Grid): DrawnRow => {
  if (event.kind === 'logs') return drawLogs(event, grid);
  if (event.kind !== 'cut') return drawWords(event, grid);
  const runs = wordRuns(event.label, 'faint', grid);
  return {
    height: runs.length * wordHeight + 18,
    middle: 17,
    items: [...tear(grid.margin, grid.width - grid.margin, 6), ...wordItems(runs, grid.left, 21)],
  };
};

const wordSize = 12;
const wordHeight = 15;

const wordRuns = (text: string, paint: Paint, { left, right }: Grid): readonly Run[] =>
  wrapText(text, 'prose', wordSize, right - left - 24).map((words) => ({
    text: words,
    face: 'prose',
    paint,
    size: wordSize,
  }));

const wordItems = (runs: readonly Run[], x: number, y: number): readonly Item[] =>
  runs.flatMap((run, at) => placeRuns([run], x, y + at * wordHeight));

const wordPaint = {
  act: 'ink',
  note: 'faint',
  expectation: 'stay',
  violation: 'removed',
} as const satisfies Readonly<Record<SequenceLine['kind'], Paint>>;

const drawWords = ({ kind, label }: SequenceLine, grid: Grid): DrawnRow => {
  const runs = wordRuns(label, wordPaint[kind], grid);
  const height = runs.length * wordHeight + 13;
  const box: Item = {
    kind: 'box',
    x: grid.margin,
    y: 3,
    width: grid.width - 2 * grid.margin,
    height: height - 6,
    fill: 'paper',
    stroke: kind === 'violation' ? 'removed' : 'line',
    ...(kind === 'violation' ? { strokeWidth: 2 } : {}),
  };
  const isBoxed = kind === 'act' || kind === 'violation';
  const [x, y] = [grid.left + 5, 14];
  const icon =
    kind === 'expectation' ? tick(x, y, 'stay') : kind === 'violation' ? cross(x, y, 'removed') : [];
  const indent = icon.length === 0 ? 0 : 16;
  return {
    height,
    middle: 14,
    items: [...(isBoxed ? [box] : []), ...icon, ...wordItems(runs, grid.left + indent, 18)],
  };
};

/** Each log a row, equal indexes one above another; of long ones the end. */
const drawLogs = ({ logs }: SequenceLogs, { left, right, cellWidth }: Grid): DrawnRow => {
  const name = (label: string): Run => ({ text: label, face: 'strong', paint: 'ink', size: 11 });
  const names = Math.max(...logs.map(({ label }) => runWidth(name(label)))) + 44;
  const longest = Math.max(...logs.map(({ terms }) => terms.length));
  const room = Math.floor((right - left - names) / cellWidth);
  const isWhole = longest <= room;
  const first = isWhole ? 0 : longest - (room - 1);
  const start = left + names + (isWhole ? 0 : cellWidth);
  const small = (text: string): Run => ({ text, face: 'code', paint: 'faint', size: 9 });
  const indexes = Array.from({ length: longest - first }, (_, at) => small(`${first + at + 1}`));
  const rowHeight = cellHeight + 3;
  const top = 16;
  return {
    height: top + logs.length * rowHeight + 6,
    middle: top + rowHeight / 2,
    items: [
      ...indexes.flatMap((run, at) =>
        placeRuns([run], start + at * cellWidth + (cellWidth - runWidth(run)) / 2, 12),
      ),
      ...logs.flatMap(({ label, isUp, terms, commitIndex }, nth) => {
        const y = top + nth * rowHeight;
        return [
          ...placeRuns([name(label)], left, y + 12),
          ...(isUp ? [] : placeRuns([small('down')], left + names - 36, y + 12)),
          ...(isWhole || terms.length === 0 ? [] : placeRuns([small('…')], start - 14, y + 12)),
          ...terms
            .slice(first)
            .flatMap((term, at) =>
              cell(start + at * cellWidth, y, cellWidth, `${term}`, first + at + 1 <= commitIndex),
            ),
        ];
      }),
    ],
  };
};
