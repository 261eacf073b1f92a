import { describe, expect, it } from 'vitest';
import { type Graph, layoutGraph } from '../../../src/statechart/draw/graph-layout.ts';

const box = (id: string) => ({ id, width: 60, height: 30 });
const arrow = (from: string, to: string) => ({
  id: `${from} -> ${to}`,
  from,
  to,
  label: { width: 40, height: 14 },
});

/** Ids with signs that mean something to programs that lay graphs out. */
const odd = ['a:b', 'a->b', '{', '"', '\\', '<i>', 'a;b', '等待', ' ', 'graph', '__proto__', 'constructor'];

const framed: Graph = {
  boxes: [{ id: 'frame', width: 50, height: 22, boxes: [box('in'), box('side')] }, box('out')],
  arrows: [
    arrow('in', 'side'),
    arrow('frame', 'out'),
    arrow('out', 'in'),
    { ...arrow('in', 'in'), label: null },
  ],
};

const isAtEdge = (
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { x, y }: { readonly x: number; readonly y: number },
): boolean => {
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const isBeside = [box.x, right].some((each) => Math.abs(each - x) < 1) && y > box.y - 1 && y < bottom + 1;
  const isAbove = [box.y, bottom].some((each) => Math.abs(each - y) < 1) && x > box.x - 1 && x < right + 1;
  return isBeside || isAbove;
};

describe('the layout of a graph', () => {
  it('places boxes and arrows whatever their ids', async () => {
    const graph = { boxes: odd.map(box), arrows: odd.slice(1).map((id, at) => arrow(odd[at]!, id)) };
    const placed = await layoutGraph(graph);
    expect([...placed.boxes.keys()].toSorted()).toEqual(odd.toSorted());
    expect([...placed.arrows.keys()]).toEqual(graph.arrows.map(({ id }) => id));
  });

  it('keeps what is in a frame inside it, below its heading', async () => {
    const { boxes } = await layoutGraph(framed);
    const frame = boxes.get('frame')!;
    for (const id of ['in', 'side']) {
      const inner = boxes.get(id)!;
      expect(inner.x).toBeGreaterThanOrEqual(frame.x);
      expect(inner.y).toBeGreaterThanOrEqual(frame.y + 22);
      expect(inner.x + inner.width).toBeLessThanOrEqual(frame.x + frame.width);
      expect(inner.y + inner.height).toBeLessThanOrEqual(frame.y + frame.height);
    }
    const outside = boxes.get('out')!;
    expect(outside.y >= frame.y + frame.height || outside.x >= frame.x + frame.width).toBe(true);
  });

  it('has straight arrows between packed boxes where there are too many to follow, and a loop round a corner', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `b${at}`);
    const graph: Graph = {
      boxes: ids.map(box),
      arrows: [...ids.flatMap((from) => ids.slice(0, 15).map((to) => arrow(from, to)))],
    };
    const { boxes, arrows } = await layoutGraph(graph);
    for (const { id, from, to } of graph.arrows) {
      const { points } = arrows.get(id)!;
      expect(isAtEdge(boxes.get(from)!, points[0]!), id).toBe(true);
      expect(isAtEdge(boxes.get(to)!, points.at(-1)!), id).toBe(true);
      if (from !== to) expect(points).toHaveLength(4);
    }
  });

  it('is the same each time', async () => {
    expect(await layoutGraph(framed)).toEqual(await layoutGraph(framed));
  });

  it('has curves of three points each, from the edge of one box to the edge of the other', async () => {
    const { boxes, arrows } = await layoutGraph(framed);
    const { points } = arrows.get('frame -> out')!;
    expect(points.length % 3).toBe(1);
    expect(isAtEdge(boxes.get('frame')!, points[0]!)).toBe(true);
    expect(isAtEdge(boxes.get('out')!, points.at(-1)!)).toBe(true);
  });
});
