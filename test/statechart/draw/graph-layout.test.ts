import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { expect, it, vi } from 'vitest';
import { layoutGraph } from '../../../src/statechart/draw/graph-layout.ts';

const graphOf = (a: string, b: string) => ({
  nodes: [a, b].map((id) => ({ id, width: 100, height: 40 })),
  edges: [{ id: `${a}>${b}`, from: a, to: b, label: { width: 30, height: 10 } }],
  clusters: [],
});

it('ids of any signs are placed, each by itself', async () => {
  const plain = await layoutGraph(graphOf('a', 'b'));
  const strange = await layoutGraph(graphOf('back\\slash "x"\n', '\u0000'));
  expect([...strange.nodes.values()]).toEqual([...plain.nodes.values()]);
  expect([...strange.nodes.keys()]).toEqual(['back\\slash "x"\n', '\u0000']);
  expect(strange.edges.size).toBe(1);
});

it('where Graphviz falls over an arrangement, its memory is thrown away and another arrangement is taken', async () => {
  const unload = vi.spyOn(Graphviz, 'unload');
  vi.spyOn(Graphviz.prototype, 'layout').mockImplementationOnce(() => {
    throw new Error('memory access out of bounds');
  });
  const placed = await layoutGraph(graphOf('a', 'b'));
  expect(placed.nodes.size).toBe(2);
  expect(unload).toHaveBeenCalledTimes(1);
  vi.restoreAllMocks();
});
