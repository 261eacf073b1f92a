import type { Graphviz } from '@hpcc-js/wasm-graphviz';
import { optionalPackage } from '../missing-package.ts';
import type { Point } from './scene.ts';

/** Boxes of a known size, and arrows with labels of a known size, for Graphviz to place. Pixels, as in its points. */
export interface Graph {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly GraphEdge[];
  /** Frames around nodes and other frames. */
  readonly clusters: readonly GraphCluster[];
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly label: { readonly width: number; readonly height: number };
  /** The arrow ends at the edge of this frame, which holds `to`. */
  readonly toCluster?: string;
  readonly fromCluster?: string;
}

export interface GraphCluster {
  readonly id: string;
  readonly label: { readonly width: number; readonly height: number };
  readonly nodes: readonly string[];
  readonly clusters: readonly GraphCluster[];
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Upper left corners. */
  readonly nodes: ReadonlyMap<string, Point>;
  readonly clusters: ReadonlyMap<string, Point & { readonly width: number; readonly height: number }>;
  readonly edges: ReadonlyMap<string, { readonly points: readonly Point[]; readonly label: Point }>;
}

/** The possible arrangements of the picture's rows. */
interface Arrangement {
  readonly direction: 'TB' | 'LR';
  /** Ids that share a rank, from left to right. */
  readonly ranks: readonly (readonly string[])[];
}

/** Tries several arrangements and takes the one that is most compact, nearest to a page's shape, and has the shortest arrows. */
export const layoutGraph = async (graph: Graph): Promise<Placed> => {
  let graphviz = await loadGraphviz();
  const placed: { readonly result: Placed; readonly cost: number }[] = [];
  for (const arrangement of arrangements(graph)) {
    try {
      const result = read(JSON.parse(graphviz.layout(write(graph, arrangement), 'json', 'dot')), graph);
      if (result !== null) placed.push({ result, cost: costOf(result) });
    } catch {
      // Graphviz fell over the edges of this arrangement, and its memory is not to be trusted afterwards. Another one will do.
      graphviz = await loadGraphviz({ isAnew: true });
    }
  }
  const [first, ...others] = placed;
  if (first === undefined)
    throw new Error(`expected Graphviz to place ${graph.nodes.length} boxes, got nothing`);
  return others.reduce((best, each) => (each.cost < best.cost ? each : best), first).result;
};

/** Loaded only where something is laid out. Rejects with `PackageMissing`. */
const loadGraphviz = async ({ isAnew = false } = {}): Promise<Graphviz> => {
  const wasm = await optionalPackage(
    '@hpcc-js/wasm-graphviz',
    'laying out a picture',
    () => import('@hpcc-js/wasm-graphviz'),
  );
  if (isAnew) wasm.Graphviz.unload();
  return wasm.Graphviz.load();
};

const maxArrangedNodes = 6;

const arrangements = (graph: Graph): readonly Arrangement[] => {
  const plain: readonly Arrangement[] = [
    { direction: 'TB', ranks: [] },
    { direction: 'LR', ranks: [] },
  ];
  if (graph.clusters.length > 0 || graph.nodes.length > maxArrangedNodes) return plain;
  const rows = compositions(graph.nodes.map(({ id }) => id));
  return [
    ...plain,
    ...rows.map((ranks): Arrangement => ({ direction: 'TB', ranks })),
    // Every second row runs the other way, so that cycles have short arrows.
    ...[0, 1].flatMap((odd) =>
      rows.map(
        (ranks): Arrangement => ({
          direction: 'TB',
          ranks: ranks.map((row, at) => (at % 2 === odd ? row.toReversed() : row)),
        }),
      ),
    ),
  ];
};

/** All ways to cut a list into consecutive parts of at most three. */
const compositions = (ids: readonly string[]): readonly (readonly (readonly string[])[])[] =>
  ids.length === 0
    ? [[]]
    : [1, 2, 3]
        .filter((size) => size <= ids.length)
        .flatMap((size) => compositions(ids.slice(size)).map((rest) => [ids.slice(0, size), ...rest]));

const costOf = ({ width, height, edges }: Placed): number => {
  const shape = width / height;
  const stretch = Math.max(shape / 1.7, 1 / shape, 1);
  const ways = [...edges.values()].map(({ points }) => points);
  const length = ways.reduce((sum, points) => sum + lengthOf(points), 0);
  return width * height * stretch + length * 260 + crossings(ways) * 600_000;
};

const lengthOf = (points: readonly Point[]): number =>
  points.slice(1).reduce((sum, { x, y }, at) => sum + Math.hypot(x - points[at]!.x, y - points[at]!.y), 0);

/** How often arrows cross, judged by their control points. */
const crossings = (ways: readonly (readonly Point[])[]): number => {
  let count = 0;
  for (const [at, one] of ways.entries()) {
    for (const other of ways.slice(at + 1)) {
      for (let i = 1; i < one.length; i++) {
        for (let j = 1; j < other.length; j++) {
          if (doCross(one[i - 1]!, one[i]!, other[j - 1]!, other[j]!)) count++;
        }
      }
    }
  }
  return count;
};

const doCross = (a: Point, b: Point, c: Point, d: Point): boolean => {
  const side = (p: Point, q: Point, r: Point) =>
    Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
};

const inches = (pixels: number): string => (pixels / 72).toFixed(4);

const table = ({ width, height }: { width: number; height: number }): string =>
  `<<TABLE FIXEDSIZE="TRUE" WIDTH="${Math.ceil(width)}" HEIGHT="${Math.ceil(height)}" BORDER="0" CELLBORDER="0" CELLSPACING="0"><TR><TD></TD></TR></TABLE>>`;

/** Numbers, since Graphviz has a syntax of its own for what ids may hold. */
const namesOf = (graph: Graph) => {
  const numbered = (kind: string, ids: readonly string[]) => {
    const numbers = new Map(ids.map((id, at) => [id, `${kind}${at}`]));
    return (id: string): string => numbers.get(id)!;
  };
  return {
    node: numbered(
      'n',
      graph.nodes.map(({ id }) => id),
    ),
    cluster: numbered('cluster', framesOf(graph.clusters)),
    edge: numbered(
      'e',
      graph.edges.map(({ id }) => id),
    ),
  };
};

const write = (graph: Graph, { direction, ranks }: Arrangement): string => {
  const { node, cluster: frame, edge } = namesOf(graph);
  const cluster = (each: GraphCluster): string =>
    [
      `subgraph ${frame(each.id)} { margin=14; label=${table(each.label)}; labeljust=l;`,
      ...each.nodes.map((id) => `${node(id)};`),
      ...each.clusters.map(cluster),
      '}',
    ].join('\n');
  return [
    `digraph { rankdir=${direction}; compound=true; nodesep=0.55; ranksep=0.5; splines=spline;`,
    'node [shape=box fixedsize=true label=""]; edge [arrowhead=none];',
    ...graph.nodes.map(
      ({ id, width, height }) => `${node(id)} [width=${inches(width)} height=${inches(height)}];`,
    ),
    ...graph.clusters.map(cluster),
    ...ranks.map((row) => `{ rank=same; ${row.map(node).join('; ')} }`),
    ...ranks.flatMap((row) =>
      row.slice(1).map((id, at) => `${node(row[at]!)} -> ${node(id)} [style=invis weight=0];`),
    ),
    ...ranks.slice(1).map((row, at) => `${node(ranks[at]![0]!)} -> ${node(row[0]!)} [style=invis];`),
    ...graph.edges.map(({ id, from, to, label, toCluster, fromCluster }) => {
      const ends = [
        toCluster === undefined ? '' : `lhead=${frame(toCluster)}`,
        fromCluster === undefined ? '' : `ltail=${frame(fromCluster)}`,
      ];
      return `${node(from)} -> ${node(to)} [id=${edge(id)} label=${table(label)} ${ends.join(' ')}];`;
    }),
    '}',
  ].join('\n');
};

const framesOf = (clusters: readonly GraphCluster[]): readonly string[] =>
  clusters.flatMap((each) => [each.id, ...framesOf(each.clusters)]);

interface GraphvizJson {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly pos?: string; readonly bb?: string }[];
  readonly edges?: readonly { readonly id?: string; readonly pos?: string; readonly lp?: string }[];
}

/** Graphviz counts y from the bottom. Null where it leaves an edge out, as it does with some between nodes of one rank. */
const read = (json: GraphvizJson, graph: Graph): Placed | null => {
  const [, , width = 0, height = 0] = json.bb.split(',').map(Number);
  const point = (text: string): Point => {
    const [x = 0, y = 0] = text.split(',').map(Number);
    return { x, y: height - y };
  };
  const placedAt = new Map(
    json.objects?.flatMap(({ name, pos }) => (pos ? [[name, point(pos)] as const] : [])),
  );
  const names = namesOf(graph);
  const nodes = new Map(
    graph.nodes.map(({ id, width: w, height: h }) => {
      const centre = placedAt.get(names.node(id))!;
      return [id, { x: centre.x - w / 2, y: centre.y - h / 2 }];
    }),
  );
  const clusters = new Map(
    framesOf(graph.clusters).flatMap((id) => {
      const bb = json.objects?.find(({ name }) => name === names.cluster(id))?.bb;
      if (bb === undefined) return [];
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = bb.split(',').map(Number);
      return [[id, { x: x1, y: height - y2, width: x2 - x1, height: y2 - y1 }] as const];
    }),
  );
  const byId = new Map((json.edges ?? []).map((edge) => [edge.id, edge]));
  const edges = new Map(
    graph.edges.flatMap(({ id }) => {
      const { pos, lp } = byId.get(names.edge(id)) ?? {};
      if (pos === undefined) return [];
      const end = /e,([^ ]+) /.exec(pos)?.[1];
      const points = pos
        .replace(/[es],[^ ]+ /g, '')
        .split(' ')
        .map(point);
      if (end !== undefined) points.push(points.at(-1)!, point(end), point(end));
      return [[id, { points, label: lp === undefined ? points[0]! : point(lp) }] as const];
    }),
  );
  if (edges.size < graph.edges.length) return null;
  return { width, height, nodes, clusters, edges };
};
