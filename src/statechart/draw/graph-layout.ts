import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs';
import { optionalPackage } from '../missing-package.ts';
import type { Point } from './scene.ts';

/** Boxes of a known size, in frames or not, and arrows with labels of a known size, to be placed by ELK. In pixels. */
export interface Graph {
  readonly boxes: readonly GraphBox[];
  readonly arrows: readonly GraphArrow[];
}

/** A box, or a frame around others: as large as `width` and `height` say, or as what is in it needs. */
export interface GraphBox {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Of a frame: what is in it, below a heading of `height`. */
  readonly boxes?: readonly GraphBox[];
}

export interface GraphArrow {
  readonly id: string;
  /** The id of a box or of a frame. */
  readonly from: string;
  readonly to: string;
  /** Null for an arrow without one. */
  readonly label: { readonly width: number; readonly height: number } | null;
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Upper left corners, of frames with their size. */
  readonly boxes: ReadonlyMap<string, Point & { readonly width: number; readonly height: number }>;
  /** The points of cubic curves: a start and then three for each; and the middle of the label. */
  readonly arrows: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

/**
 * Places a small graph with care, in the direction that comes nearest to a page's shape, and a larger one in seconds. Of one whose arrows nobody
 * could follow only the boxes are placed, and its arrows are straight. Rejects with `PackageMissing`.
 */
export const layoutGraph = async (graph: Graph): Promise<Placed> => {
  const elk = await loadElk();
  const place = async (way: Way): Promise<Placed> => read(await elk.layout(write(graph, way)), graph);
  if (graph.arrows.length > maxRoutedArrows) return place({ direction: 'DOWN', options: packed });
  if (graph.arrows.length > maxCarefulArrows) return place({ direction: 'DOWN', options: quick });
  const down = await place({ direction: 'DOWN', options: careful });
  const right = await place({ direction: 'RIGHT', options: careful });
  return costOf(right) < costOf(down) ? right : down;
};

/** With care, the time grows with the square of their number: some 0.1 s for 10, 1 s for 60. */
const maxCarefulArrows = 48;

/** 400 arrows with labels take some 2 s, 900 took 15 s. */
const maxRoutedArrows = 400;

interface Way {
  readonly direction: 'DOWN' | 'RIGHT';
  readonly options: LayoutOptions;
}

const loadElk = async (): Promise<ELK> => {
  const { default: Elk } = await optionalPackage(
    'elkjs',
    'laying out a picture',
    () => import('elkjs/lib/elk.bundled.js') as unknown as Promise<{ readonly default: new () => ELK }>,
  );
  return new Elk();
};

const costOf = ({ width, height }: Placed): number => {
  const shape = width / height;
  return width * height * Math.max(shape / 1.7, 1 / shape, 1);
};

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.spacing.nodeNode': '30',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '2',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
};

/** Not with a strategy for the order of the model: ELK fails over many graphs with frames then. */
const careful: LayoutOptions = {
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
};

const quick: LayoutOptions = {
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.thoroughness': '1',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
};

/** Boxes beside and below each other, in the order of the chart. */
const packed: LayoutOptions = { 'elk.algorithm': 'rectpacking' };

const write = (graph: Graph, { direction, options: own }: Way): ElkNode => ({
  id: 'graph',
  layoutOptions: {
    ...options,
    ...own,
    'elk.direction': direction,
    'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  },
  children: graph.boxes.map((box) => writeBox(box, { ...own, 'elk.direction': direction })),
  edges: (own === packed ? [] : graph.arrows).map(
    ({ id, from, to, label }, at): ElkExtendedEdge => ({
      id: `arrow ${at}`,
      sources: [`box ${from}`],
      targets: [`box ${to}`],
      labels: label === null ? [] : [{ id: `label ${id}`, text: ' ', ...label }],
    }),
  ),
});

const writeBox = ({ id, width, height, boxes }: GraphBox, own: LayoutOptions): ElkNode =>
  boxes === undefined
    ? { id: `box ${id}`, width, height }
    : {
        id: `box ${id}`,
        layoutOptions: {
          ...own,
          'elk.padding': `[top=${height + 14},left=14,bottom=14,right=14]`,
          'elk.nodeSize.constraints': 'MINIMUM_SIZE',
          'elk.nodeSize.minimum': `(${width + 28}, ${height})`,
        },
        children: boxes.map((box) => writeBox(box, own)),
      };

const read = (root: ElkNode, graph: Graph): Placed => {
  const boxes = new Map<string, Point & { width: number; height: number }>();
  const visit = (node: ElkNode): void => {
    for (const child of node.children ?? []) {
      boxes.set(child.id.slice('box '.length), {
        x: child.x!,
        y: child.y!,
        width: child.width!,
        height: child.height!,
      });
      visit(child);
    }
  };
  visit(root);
  const arrows = new Map(
    graph.arrows.map(({ id, from, to }, at) => {
      const edge = root.edges?.[at];
      const [label] = edge?.labels ?? [];
      const way = edge === undefined ? straightWay(boxes.get(from)!, boxes.get(to)!) : wayOf(edge);
      const middle =
        label === undefined
          ? middleOf(way)
          : { x: label.x! + label.width! / 2, y: label.y! + label.height! / 2 };
      return [id, { points: curveThrough(way), label: middle }] as const;
    }),
  );
  return { width: root.width!, height: root.height!, boxes, arrows };
};

const wayOf = ({ sections }: ElkExtendedEdge): readonly Point[] => {
  const [section] = sections!;
  return [section!.startPoint, ...(section!.bendPoints ?? []), section!.endPoint];
};

interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

/** From the edge of one box to the edge of the other; round the corner of a box that it leads back to. */
const straightWay = (from: Rectangle, to: Rectangle): readonly Point[] => {
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
const middleOf = (way: readonly Point[]): Point => {
  const pieces = way.slice(1).map((end, at) => distance(way[at]!, end));
  let left = pieces.reduce((sum, piece) => sum + piece, 0) / 2;
  for (const [at, piece] of pieces.entries()) {
    if (left <= piece) return towards(way[at]!, way[at + 1]!, left);
    left -= piece;
  }
  return way.at(-1)!;
};

const cornerRadius = 8;

/** A way of straight pieces with round corners. */
const curveThrough = (way: readonly Point[]): readonly Point[] => {
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
