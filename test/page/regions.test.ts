import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { withRegions } from '../../src/page/data/regions.ts';
import { noLinks } from '../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../src/statechart/draw/view.ts';
import { walk } from '../../src/statechart/read/walk.ts';

it('rows of rules reach from edge to edge of their box where they have no sources, and others are on arrows', async () => {
  const press = { target: 'on', actions: ['countThePresses', 'switchTheLightOn'] };
  const chart = walk(
    createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { PRESS: press } }, on: {} } }),
  );
  const { items, regions } = withRegions(chart, await layoutView(chart, { kind: 'overview' }, noLinks));
  const rules = regions.filter(({ kind, refs: [ref] }) => kind === 'rule' && ref === 'lamp.off/PRESS/0');
  expect(rules.map(({ isOnArrow }) => isOnArrow)).toEqual([true, undefined]);
  const boxes = items.filter(({ kind, ref }) => kind === 'box' && ref === 'lamp.off');
  expect(boxes).toContainEqual(
    expect.objectContaining({ fill: 'panel', x: rules[1]!.x, width: rules[1]!.width }),
  );
});
