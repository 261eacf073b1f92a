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

  it('is the same each time', async () => {
    expect(await layoutGraph(framed)).toEqual(await layoutGraph(framed));
  });

  it('has curves of three points each, from the edge of one box to the edge of the other', async () => {
    const { boxes, arrows } = await layoutGraph(framed);
    const { points } = arrows.get('frame -> out')!;
    expect(points.length % 3).toBe(1);
    const isAtEdge = (id: string, { x, y }: { x: number; y: number }) => {
      const { x: left, y: top, width, height } = boxes.get(id)!;
      const [right, bottom] = [left + width, top + height];
      const isBeside = [left, right].some((each) => Math.abs(each - x) < 1) && y > top - 1 && y < bottom + 1;
      const isAbove = [top, bottom].some((each) => Math.abs(each - y) < 1) && x > left - 1 && x < right + 1;
      return isBeside || isAbove;
    };
    expect(isAtEdge('frame', points[0]!)).toBe(true);
    expect(isAtEdge('out', points.at(-1)!)).toBe(true);
  });
});
