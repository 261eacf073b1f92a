import type { Paint } from '../statechart/draw/palette.ts';
import { type Item, placeRuns, type Run, runWidth } from '../statechart/draw/scene.ts';
import type { SequenceMark } from './sequence.ts';
import { markPaint } from './sequence-grid.ts';

/** A tick for a commit, a star for an election, a cross for a crash and for what is wrong: drawn, so that no font must have them. */
export const iconOf = (kind: SequenceMark['kind'], x: number, y: number): readonly Item[] => {
  const paint: Paint = kind === 'election' ? 'paper' : markPaint[kind];
  if (kind === 'commit') return tick(x, y, paint);
  if (kind === 'crash' || kind === 'wrong') return cross(x, y, paint);
  const beam = lineIn(x, y, paint);
  return [beam(0, -5, 0, 5), beam(-4.3, -2.5, 4.3, 2.5), beam(-4.3, 2.5, 4.3, -2.5)];
};

const lineIn =
  (x: number, y: number, paint: Paint) =>
  (x1: number, y1: number, x2: number, y2: number): Item => ({
    kind: 'line',
    x1: x + x1,
    y1: y + y1,
    x2: x + x2,
    y2: y + y2,
    paint,
    strokeWidth: 1.8,
  });

export const tick = (x: number, y: number, paint: Paint): readonly Item[] => {
  const line = lineIn(x, y, paint);
  return [line(-4, 0, -1, 3.5), line(-1, 3.5, 4, -4)];
};

export const cross = (x: number, y: number, paint: Paint): readonly Item[] => {
  const line = lineIn(x, y, paint);
  return [line(-4, -4, 4, 4), line(-4, 4, 4, -4)];
};

/** A message's number, or the empty end of one that is not followed further. */
export const dot = (x: number, y: number, number: number | null): readonly Item[] => {
  const radius = dotRadius(number);
  const circle: Item = {
    kind: 'box',
    x: x - radius,
    y: y - radius,
    width: 2 * radius,
    height: 2 * radius,
    radius,
    fill: 'paper',
    stroke: 'move',
  };
  if (number === null) return [circle];
  const run: Run = { text: `${number}`, face: 'code', paint: 'ink', size: 9.5 };
  return [circle, ...placeRuns([run], x - runWidth(run) / 2, y + 3.4)];
};

export const dotRadius = (number: number | null): number => (number === null ? 3 : 8);

/** A torn edge. */
export const tear = (left: number, right: number, y: number): readonly Item[] => {
  const count = Math.max(2, Math.round((right - left) / 18));
  const step = (right - left) / count;
  return Array.from({ length: count }, (_, at) => ({
    kind: 'line',
    x1: left + at * step,
    y1: y + (at % 2 === 0 ? 3 : -3),
    x2: left + (at + 1) * step,
    y2: y + (at % 2 === 0 ? -3 : 3),
    paint: 'faint',
    strokeWidth: 1.2,
  }));
};

/** An entry of a log, by its term; a committed one is filled and has a firm edge. */
export const cell = (
  x: number,
  y: number,
  width: number,
  text: string,
  isCommitted: boolean,
): readonly Item[] => {
  const run: Run = { text, face: isCommitted ? 'strong' : 'code', paint: 'ink', size: 10 };
  return [
    {
      kind: 'box',
      x,
      y,
      width,
      height: cellHeight,
      fill: isCommitted ? 'heading' : 'paper',
      stroke: isCommitted ? 'stay' : 'faint',
      ...(isCommitted ? { strokeWidth: 1.4 } : { isDashed: true }),
    },
    ...placeRuns([run], x + (width - runWidth(run)) / 2, y + 11.5),
  ];
};

export const cellHeight = 16;
