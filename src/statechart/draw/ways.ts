import type { Point } from './scene.ts';

/** Where a box is, by its upper left corner. */
export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

/** From the edge of one box to the edge of the other; round the corner of a box that it leads back to. */
export const straightWay = (from: Rectangle, to: Rectangle): readonly Point[] => {
  const [start, end] = [centreOf(from), centreOf(to)];
  if (from !== to) return [edgeTowards(from, end), edgeTowards(to, start)];
  const [right, top] = [from.x + from.width, from.y];
  const out = 10;
  return [
    { x: right, y: top + from.height / 2 },
    { x: right + out, y: top + from.height / 2 },
    { x: right + out, y: top - out },
    { x: start.x, y: top - out },
    { x: start.x, y: top },
  ];
};

const centreOf = ({ x, y, width, height }: Rectangle): Point => ({ x: x + width / 2, y: y + height / 2 });

/** Where the line from the centre of a box to `point` leaves the box; the centre, if the point is inside. */
const edgeTowards = (box: Rectangle, point: Point): Point => {
  const centre = centreOf(box);
  const [dx, dy] = [point.x - centre.x, point.y - centre.y];
  const share = Math.min(box.width / 2 / Math.abs(dx), box.height / 2 / Math.abs(dy));
  return share < 1 ? { x: centre.x + dx * share, y: centre.y + dy * share } : centre;
};

/** The point half way along. */
export const middleOf = (way: readonly Point[]): Point => {
  const pieces = way.slice(1).map((end, at) => distance(way[at]!, end));
  let left = pieces.reduce((sum, piece) => sum + piece, 0) / 2;
  for (const [at, piece] of pieces.entries()) {
    if (left <= piece) return towards(way[at]!, way[at + 1]!, left);
    left -= piece;
  }
  return way.at(-1)!;
};

const cornerRadius = 8;

/** A way of straight pieces with round corners, as the points of cubic curves: a start and then three for each. */
export const curveThrough = (way: readonly Point[]): readonly Point[] => {
  const points: Point[] = [way[0]!];
  const lineTo = (end: Point) => points.push(points.at(-1)!, end, end);
  for (const [at, corner] of way.entries()) {
    const [before, after] = [way[at - 1], way[at + 1]];
    if (before === undefined) continue;
    if (after === undefined) {
      lineTo(corner);
      continue;
    }
    const radius = Math.min(cornerRadius, distance(before, corner) / 2, distance(corner, after) / 2);
    lineTo(towards(corner, before, radius));
    points.push(corner, corner, towards(corner, after, radius));
  }
  return points;
};

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The point at this distance from `from` on the way to `to`. */
const towards = (from: Point, to: Point, length: number): Point => {
  const share = length / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
};
