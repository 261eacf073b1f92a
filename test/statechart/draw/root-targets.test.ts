import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { type Arrow, type Box, refsOf } from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const boxKinds = ['outline', 'overview', 'full'] as const;

it.each(boxKinds)('a transition to the whole chart leads to where it starts, in the %s', async (kind) => {
  const machine = createMachine({
    id: 'r',
    initial: 'a',
    states: {
      a: { on: { X: '#r' } },
      b: { initial: 'c', states: { c: { on: { Y: '#r', Z: '#r.b' } } } },
    },
  });
  const { items } = await layoutView(walk(machine), { kind }, noLinks);
  const { x, y, width, height } = items.find(
    (item): item is Box => item.kind === 'box' && item.radius === 6 && item.fill === 'ink',
  )!;
  const ends = items
    .filter((item): item is Arrow => item.kind === 'arrow')
    .filter((arrow) => refsOf(arrow).some((ref) => /[XY]/.test(ref)))
    .map(({ points }) => points.at(-1)!);
  expect(ends).toHaveLength(2);
  for (const end of ends) {
    expect(end.x).toBeGreaterThan(x - 2);
    expect(end.x).toBeLessThan(x + width + 2);
    expect(end.y).toBeGreaterThan(y - 2);
    expect(end.y).toBeLessThan(y + height + 2);
  }
});

it.each(boxKinds)(
  'a transition to a chart whose states are entered at once has no arrow, in the %s',
  async (kind) => {
    const machine = createMachine({
      id: 'r',
      type: 'parallel',
      states: { a: { on: { X: '#r' } }, b: {} },
    });
    const { items } = await layoutView(walk(machine), { kind }, noLinks);
    expect(items.filter((item) => item.kind === 'arrow')).toEqual([]);
  },
);
