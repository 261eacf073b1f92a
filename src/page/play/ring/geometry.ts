import type { NodeId } from '../../../raft/types.ts';
import type { FrameTimer } from '../../../simulate/play/frame.ts';
import type { Flight } from '../../../simulate/under-way.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything stands in a picture of this size, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Of a node's circle. */
  readonly radius: number;
  /** By node, from node 1 on. */
  readonly nodes: readonly Point[];
  /** How many entries of a log are shown, and how wide each is. */
  readonly cells: number;
  readonly cellWidth: number;
}

/** Between the two directions of a link. */
const laneOffset = 5;
/** What stands below a node's circle. */
const below = 56;

/** Nodes on an ellipse, clockwise from the top. */
export const layoutOf = (width: number, height: number, count: number): Layout => {
  const radius = Math.round(
    Math.min(Math.max(Math.min(width, height) / (count > 5 ? 15 : 12), 22), count > 7 ? 34 : 44),
  );
  const cellWidth = radius < 30 ? 11 : 15;
  const cells = Math.max(4, Math.min(12, Math.floor((radius * (count > 5 ? 3.4 : 3.9)) / cellWidth)));
  const sideways = Math.max(radius * 2, (cells * cellWidth) / 2 + radius * 0.6);
  const center = { x: width / 2, y: (height - below) / 2 + 6 };
  const reach = { x: width / 2 - sideways - 6, y: (height - below) / 2 - radius - 12 };
  const nodes = Array.from({ length: count }, (_, at) => {
    if (count === 1) return center;
    const angle = (2 * Math.PI * at) / count - Math.PI / 2;
    return { x: center.x + reach.x * Math.cos(angle), y: center.y + reach.y * Math.sin(angle) };
  });
  return { width, height, radius, nodes, cells, cellWidth };
};

/** The lane on which messages fly from one node to another: on the right of their way, so that both directions of a link are told apart. */
export const laneOf = ({ nodes, radius }: Layout, from: NodeId, to: NodeId): readonly [Point, Point] => {
  const [start, end] = [nodes[from - 1]!, nodes[to - 1]!];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [sideX, sideY] = [-uy * laneOffset, ux * laneOffset];
  const gap = Math.min(radius + 4, length / 2);
  return [
    { x: start.x + ux * gap + sideX, y: start.y + uy * gap + sideY },
    { x: end.x - ux * gap + sideX, y: end.y - uy * gap + sideY },
  ];
};

/** The links, named by their lower node first, that a line through these points crosses: not where it only touches a node. */
export const linksCrossed = (
  { nodes, radius }: Layout,
  line: readonly Point[],
): readonly (readonly [NodeId, NodeId])[] =>
  nodes.flatMap((start, a) =>
    nodes.slice(a + 1).flatMap((end, after) => {
      const trim = Math.min(radius / (Math.hypot(end.x - start.x, end.y - start.y) || 1), 0.5);
      const link = [between([start, end], trim), between([start, end], 1 - trim)] as const;
      const isCrossed = line.some((point, at) => at > 0 && doCross([line[at - 1]!, point], link));
      return isCrossed ? [[a + 1, a + 2 + after] as const] : [];
    }),
  );

const doCross = ([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean =>
  sideOf(a, b, c) * sideOf(a, b, d) < 0 && sideOf(c, d, a) * sideOf(c, d, b) < 0;

/** On which side of the line from `a` to `b` a point lies. */
const sideOf = (a: Point, b: Point, { x, y }: Point): number =>
  (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);

export const between = ([start, end]: readonly [Point, Point], part: number): Point => ({
  x: start.x + (end.x - start.x) * part,
  y: start.y + (end.y - start.y) * part,
});

/** How much of a message's way lies behind it. A held one waits on the way, behind those that wait there already. */
export const partOfWay = (
  { sentUs, arrivesUs }: Pick<Flight, 'sentUs' | 'arrivesUs'>,
  nowUs: number,
  waitingBefore: number,
): number => {
  if (arrivesUs === null) return Math.max(0.08, 0.4 - waitingBefore * 0.09);
  if (arrivesUs <= sentUs) return 1;
  return Math.min(Math.max((nowUs - sentUs) / (arrivesUs - sentUs), 0), 1);
};

/** For whoever wants no motion: a message is near its sender, half-way, or near its receiver. */
export const inSteps = (part: number): number => (part < 0.34 ? 0.2 : part < 0.67 ? 0.5 : 0.8);

/** How much of a timer's time is left; null: it expires when somebody says so. */
export const partLeft = ({ setUs, expiresUs }: FrameTimer, nowUs: number): number | null => {
  if (expiresUs === null) return null;
  if (expiresUs <= setUs) return 0;
  return Math.min(Math.max((expiresUs - nowUs) / (expiresUs - setUs), 0), 1);
};

/** The timer that a node's ring shows: what it does next if nothing happens. */
export const shownTimer = (timers: readonly FrameTimer[]): FrameTimer | null =>
  timers.find(({ name }) => name === 'electionTimeout') ??
  timers.find(({ name }) => name === 'heartbeatInterval') ??
  timers[0] ??
  null;
