import type { Paint } from '../statechart/draw/palette.ts';
import { type Item, placeRuns, type Run, runWidth } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import type { Flight, SequenceLine, SequenceLogs, SequenceMark } from './sequence.ts';
import {
  type Grid,
  hasIcon,
  iconWidth,
  labelLines,
  labelSize,
  labelStart,
  lineHeight,
  margin,
  markPaint,
  markRuns,
  markWidth,
} from './sequence-grid.ts';
import { cell, cellHeight, cellWidth, cross, dot, dotRadius, iconOf, tear, tick } from './sequence-icons.ts';
import type { Sending, SequenceRow, WideEvent } from './sequence-rows.ts';

/** A row as it is drawn, its upper edge at 0. The time stands beside the line at `middle`. */
export interface DrawnRow {
  readonly height: number;
  readonly middle: number;
  readonly items: readonly Item[];
}

/**
 * A label stands above the line of its own message, next to the sender and between two lifelines, and no other line runs through its
 * row: so no label can be struck through.
 */
export const drawRow = (row: SequenceRow, grid: Grid): DrawnRow => {
  switch (row.kind) {
    case 'message':
      return drawMessage(row.sendings, grid);
    case 'arrival':
      return drawArrival(row.flight, row.number, grid);
    case 'marks':
      return drawMarks(row.marks, grid);
    case 'wide':
      return drawWide(row.event, grid);
  }
};

const below = 7;

interface Side {
  readonly start: number;
  /** To the right 1, to the left -1. */
  readonly way: number;
}

const sideOf = (from: string, to: string, { x }: Grid): Side => ({
  start: x(from),
  way: Math.sign(x(to) - x(from)) || 1,
});

const labelItems = (flight: Flight, lines: readonly string[], { start, way }: Side): readonly Item[] =>
  lines.flatMap((text, at) => {
    const paint: Paint = flight.message.isRoutine ? 'faint' : 'ink';
    const run: Run = { text, face: 'code', paint, size: labelSize };
    const x = way > 0 ? start + labelStart : start - labelStart - runWidth(run);
    return placeRuns([run], x, 12 + at * lineHeight);
  });

const lineY = (lines: readonly string[]): number => 7 + lines.length * lineHeight;

const drawMessage = (sendings: readonly Sending[], grid: Grid): DrawnRow => {
  const [first] = sendings as [Sending];
  const { message } = first.flight;
  const side = sideOf(message.from, message.to, grid);
  const lines = labelLines(message.label, grid);
  const room = sendings.some(({ number }) => number !== null) ? numberRoom : 0;
  const y = lineY(lines) + room;
  const ways = Map.groupBy(sendings, ({ flight }) => sideOf(message.from, flight.message.to, grid).way);
  const items = [...ways].flatMap(([way, each]) => wayItems(each, { start: side.start, way }, y, grid));
  const origin: Item = {
    kind: 'box',
    x: side.start - 3,
    y: y - 3,
    width: 6,
    height: 6,
    radius: 3,
    fill: message.isRoutine ? 'faint' : 'move',
  };
  return {
    height: y + below + room,
    middle: y,
    items: [...items, origin, ...labelItems(first.flight, lines, side)],
  };
};

/** Room for a number, which is taller than a head. */
const numberRoom = 5;

/** One line with a head at each node that gets the message, and a cross or a circle before each that does not, or not yet. */
const wayItems = (
  sendings: readonly Sending[],
  { start, way }: Side,
  y: number,
  { x }: Grid,
): readonly Item[] => {
  const ends = sendings
    .map((sending) => ({ ...sending, x: x(sending.flight.message.to) }))
    .toSorted((a, b) => way * (a.x - b.x));
  const isHere = ({ flight, number }: Sending) => number === null && flight.endAt !== null && !flight.isLost;
  const last = ends.findLastIndex(isHere);
  const items: Item[] = [];
  let reached = start;
  for (const [at, end] of ends.entries()) {
    const { flight, number } = end;
    if (isHere(end)) {
      items.push(arrow(reached, end.x, y, flight.message.isRoutine ? 'faint' : 'move'));
      reached = end.x;
      continue;
    }
    const stop = end.x - way * 14;
    const radius = flight.isLost ? 0 : dotRadius(number);
    const isLost = flight.isLost && at > last;
    if (way * (stop - reached) > radius) {
      items.push(line(reached, stop - way * radius, y, isLost ? 'removed' : 'move', isLost));
    }
    items.push(...(flight.isLost ? cross(stop, y, 'removed') : dot(stop, y, number)));
    reached = stop + way * radius;
  }
  return items;
};

const arrow = (from: number, to: number, y: number, paint: Paint): Item => ({
  kind: 'arrow',
  points: [
    { x: from, y },
    { x: from, y },
    { x: to, y },
    { x: to, y },
  ],
  paint,
});

const line = (x1: number, x2: number, y: number, paint: Paint, isDashed: boolean): Item => ({
  kind: 'line',
  x1,
  y1: y,
  x2,
  y2: y,
  paint,
  isDashed,
  strokeWidth: 1.5,
});

const drawArrival = (flight: Flight, number: number, grid: Grid): DrawnRow => {
  const { start: end, way: back } = sideOf(flight.message.to, flight.message.from, grid);
  const lines = labelLines(flight.message.label, grid);
  const y = lineY(lines) + numberRoom;
  const start = end + back * (grid.gap - 22);
  const side = { start: end + back * grid.gap, way: -back };
  return {
    height: y + below + numberRoom,
    middle: y,
    items: [
      arrow(start, end, y, 'move'),
      ...dot(start + back * 8, y, number),
      ...labelItems(flight, lines, side),
    ],
  };
};

const drawMarks = (marks: readonly SequenceMark[], grid: Grid): DrawnRow => {
  const runs = marks.map((mark) => markRuns(mark, grid));
  const count = Math.max(...runs.map(({ length }) => length));
  const height = count * lineHeight + 9;
  const items = marks.flatMap((mark, at) => {
    const own = runs[at]!;
    const ownHeight = own.length * lineHeight + 5;
    const top = (height - ownHeight) / 2;
    const width = markWidth(mark, own);
    const left = grid.x(mark.node) - width / 2;
    const isTimer = mark.kind === 'timer';
    const box: Item = {
      kind: 'box',
      x: left,
      y: top,
      width,
      height: ownHeight,
      radius: isTimer ? 0 : 8,
      fill: mark.kind === 'election' ? 'move' : 'paper',
      stroke: markPaint[mark.kind],
      isDashed: isTimer,
    };
    const textLeft = left + 7 + (hasIcon(mark) ? iconWidth : 0);
    return [
      box,
      ...(hasIcon(mark) ? iconOf(mark.kind, left + 12, height / 2) : []),
      ...own.flatMap((run, nth) => placeRuns([run], textLeft, top + 12 + nth * lineHeight)),
    ];
  });
  return { height, middle: height / 2, items };
};

const drawWide = (event: WideEvent, grid: Grid): DrawnRow => {
  if (event.kind === 'logs') return drawLogs(event, grid);
  if (event.kind !== 'cut') return drawWords(event, grid);
  const runs = wordRuns(event.label, 'faint', grid);
  return {
    height: runs.length * wordHeight + 18,
    middle: 17,
    items: [...tear(margin, grid.width - margin, 6), ...wordItems(runs, grid.left, 21)],
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
    x: margin,
    y: 3,
    width: grid.width - 2 * margin,
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
const drawLogs = ({ logs }: SequenceLogs, { left, right }: Grid): DrawnRow => {
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
            .flatMap((term, at) => cell(start + at * cellWidth, y, `${term}`, first + at + 1 <= commitIndex)),
        ];
      }),
    ],
  };
};
