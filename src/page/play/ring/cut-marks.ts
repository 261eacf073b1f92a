import type { NodeId } from '../../../raft/types.ts';
import { between, type Layout, type Point } from './geometry.ts';

/** The sign of a cut link between two nodes. */
export interface CutMark {
  readonly a: NodeId;
  readonly b: NodeId;
  readonly place: Point;
}

/** Of the circle of a sign. */
export const cutMarkRadiusOf = ({ radius }: Layout): number => (radius < 36 ? 9 : 11);

/**
 * Where the sign of each link stands if it is cut, the lower node first: on its link, clear of nodes and of the signs of all other links, and as
 * near to the middle as possible. Where a ring is too small for that, as far from them as possible.
 */
export const cutMarksOf = (layout: Layout): readonly CutMark[] => {
  const markRadius = cutMarkRadiusOf(layout);
  const marks: CutMark[] = [];
  for (const [a, b] of linksOf(layout)) {
    let best = { place: layout.nodes[a - 1]!, room: Number.NEGATIVE_INFINITY };
    for (const place of placesOn(layout, a, b)) {
      const room = Math.min(
        roomBesideNodes(layout, place) - markRadius,
        ...marks.map((mark) => distance(mark.place, place) - 2 * markRadius - gap),
      );
      if (room > best.room) best = { place, room };
      if (room >= 0) break;
    }
    marks.push({ a, b, place: best.place });
  }
  // In the order in which one comes to them with the keyboard.
  return marks.toSorted((one, other) => one.a - other.a || one.b - other.b);
};

/** Between signs, so that a finger meets one of them. */
const gap = 2;

/** Short ones first, since they leave the least choice. */
const linksOf = ({ nodes }: Layout): readonly (readonly [NodeId, NodeId])[] =>
  nodes
    .flatMap((_, a) => nodes.slice(a + 1).map((_, after) => [a + 1, a + 2 + after] as const))
    .map(([a, b]) => ({ link: [a, b] as const, length: distance(nodes[a - 1]!, nodes[b - 1]!) }))
    .sort((one, other) => one.length - other.length)
    .map(({ link }) => link);

/** From beside the middle, where links of a ring cross each other, towards both ends; on the link, or so near that the sign touches it. */
const placesOn = ({ nodes }: Layout, a: NodeId, b: NodeId): readonly Point[] => {
  const [start, end] = [nodes[a - 1]!, nodes[b - 1]!];
  const length = distance(start, end) || 1;
  const across = { x: (start.y - end.y) / length, y: (end.x - start.x) / length };
  return parts.flatMap((part) =>
    asides.map((aside) => {
      const { x, y } = between([start, end], part);
      return { x: x + across.x * aside, y: y + across.y * aside };
    }),
  );
};

const parts = Array.from({ length: 80 }, (_, at) => 0.5 + (at % 2 === 0 ? -1 : 1) * (0.03 + at * 0.005));
const asides = [0, 5, -5, 10, -10];

/** How far it is from there to the nodes, and to what stands below them; negative: it is inside. */
const roomBesideNodes = ({ nodes, radius, cells, cellWidth }: Layout, { x, y }: Point): number =>
  Math.min(
    ...nodes.map((node) => {
      const besideDisc = Math.hypot(x - node.x, y - node.y) - radius - ringWidth;
      const besideLog = Math.abs(x - node.x) - (cells * cellWidth) / 2;
      const aboveOrBelow = Math.max(node.y - y, y - node.y - radius - 31 - cellWidth - 5);
      return Math.min(besideDisc, Math.max(besideLog, aboveOrBelow));
    }),
  );

/** Of the timer around a node. */
const ringWidth = 7;

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
