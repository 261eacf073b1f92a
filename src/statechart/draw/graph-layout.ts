import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs';
import { optionalPackage } from '../missing-package.ts';
import type { Point } from './scene.ts';
import { curveThrough, middleOf, type Rectangle, straightWay } from './ways.ts';

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
  readonly boxes: ReadonlyMap<string, Rectangle>;
  /** The points of cubic curves: a start and then three for each; and the middle of the label. */
  readonly arrows: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

/**
 * Places a small graph with care, in the direction that comes nearest to a page's shape, and a larger one in seconds. Of one whose arrows nobody
 * could follow only the boxes are placed, and its arrows are straight. Rejects with `PackageMissing`.
 */
export const layoutGraph = async (graph: Graph): Promise<Placed> => {
  const elk = await loadElk();
  const place = async (own: LayoutOptions, direction: Direction = 'DOWN'): Promise<Placed> =>
    read(await elk.layout(write(graph, { ...own, 'elk.direction': direction })), graph);
  if (graph.arrows.length > maxRoutedArrows) return place(packed);
  if (graph.arrows.length > maxCarefulArrows) return place(quick);
  const down = await place(careful);
  const right = await place(careful, 'RIGHT');
  return costOf(right) < costOf(down) ? right : down;
};

/** With care, the time grows with the square of their number: some 0.1 s for 10, 1 s for 60. */
const maxCarefulArrows = 48;

/** 400 arrows with labels take some 2 s, 900 took 15 s. */
const maxRoutedArrows = 400;

type Direction = 'DOWN' | 'RIGHT';

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

const isPacked = (own: LayoutOptions): boolean => own['elk.algorithm'] === packed['elk.algorithm'];

const write = (graph: Graph, own: LayoutOptions): ElkNode => ({
  id: 'graph',
  layoutOptions: {
    ...options,
    ...own,
    'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  },
  children: graph.boxes.map((box) => writeBox(box, own)),
  edges: (isPacked(own) ? [] : graph.arrows).map(
    ({ from, to, label }, at): ElkExtendedEdge => ({
      id: `arrow ${at}`,
      sources: [`box ${from}`],
      targets: [`box ${to}`],
      labels: label === null ? [] : [{ id: `label ${at}`, text: ' ', ...label }],
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
  const boxes = new Map<string, Rectangle>();
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
