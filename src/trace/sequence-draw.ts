import type { Paint } from '../statechart/draw/palette.ts';
import { type Item, placeRuns, type Run, runWidth, shift } from '../statechart/draw/scene.ts';
import type { Flight, SequenceMark } from './sequence.ts';
import {
  type DrawnRow,
  type Grid,
  hasIcon,
  iconWidth,
  labelLines,
  labelSize,
  labelStart,
  lineHeight,
  markPaint,
  markRuns,
  markWidth,
} from './sequence-grid.ts';
import { cross, dot, dotRadius, iconOf } from './sequence-icons.ts';
import type { Sending, SequenceRow } from './sequence-rows.ts';
import { drawWide } from './sequence-wide.ts';

/**
 * A label stands above the line of its own message, next to the sender, and no other line runs through its row; lifelines stop at it
 * where they would cross it: so no label can be struck through.
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

const labelItems = (
  flight: Flight,
  lines: readonly string[],
  { start, way }: Side,
  { left, right }: Grid,
): readonly Item[] =>
  lines.flatMap((text, at) => {
    const paint: Paint = flight.message.isRoutine ? 'faint' : 'ink';
    const run: Run = { text, face: 'code', paint, size: labelSize };
    const width = runWidth(run);
    const x = way > 0 ? start + labelStart : start - labelStart - width;
    return placeRuns([run], Math.max(left, Math.min(x, right - width)), 12 + at * lineHeight);
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
    items: [...items, origin, ...labelItems(first.flight, lines, side, grid)],
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
      ...labelItems(flight, lines, side, grid),
    ],
  };
};

/** Beside one another where each has its lane, else one below another. */
const drawMarks = (marks: readonly SequenceMark[], grid: Grid): DrawnRow => {
  const drawn = marks.map((mark) => drawMark(mark, grid));
  if (grid.form === 'narrow') {
    const height = drawn.reduce((sum, each) => sum + each.height, 0);
    let top = 0;
    const items = drawn.flatMap((each) => {
      const shifted = shift(each.items, 0, top);
      top += each.height;
      return shifted;
    });
    return { height, middle: drawn[0]!.middle, items };
  }
  const height = Math.max(...drawn.map((each) => each.height));
  const items = drawn.flatMap((each) => shift(each.items, 0, (height - each.height) / 2));
  return { height, middle: height / 2, items };
};

const drawMark = (mark: SequenceMark, grid: Grid): DrawnRow => {
  const runs = markRuns(mark, grid);
  const height = runs.length * lineHeight + 9;
  const width = markWidth(mark, runs);
  const left = Math.max(grid.left, Math.min(grid.x(mark.node) - width / 2, grid.right - width));
  const isTimer = mark.kind === 'timer';
  const box: Item = {
    kind: 'box',
    x: left,
    y: 2,
    width,
    height: height - 4,
    radius: isTimer ? 0 : 8,
    fill: mark.kind === 'election' ? 'move' : 'paper',
    stroke: markPaint[mark.kind],
    isDashed: isTimer,
  };
  const icon = hasIcon(mark) ? iconOf(mark.kind, left + 12, height / 2) : [];
  const textLeft = left + 7 + (hasIcon(mark) ? iconWidth : 0);
  const text = runs.flatMap((run, at) => placeRuns([run], textLeft, 14 + at * lineHeight));
  return { height, middle: height / 2, items: [box, ...icon, ...text] };
};
