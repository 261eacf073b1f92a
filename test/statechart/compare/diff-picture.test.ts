import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffPicture } from '../../../src/statechart/compare/diff-picture.ts';
import { unionChart } from '../../../src/statechart/compare/union-chart.ts';
import type { Arrow, Label } from '../../../src/statechart/draw/scene.ts';
import { statesBelow, transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const before = walk(
  createMachine({
    id: 'door',
    initial: 'closed',
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFree' }, LOCK: 'locked', KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' } },
      ringing: {},
      locked: { on: { UNLOCK: 'closed' }, initial: 'once', states: { once: {} } },
    },
  }),
);

const after = walk(
  createMachine({
    id: 'gate',
    initial: 'closed',
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFreeNow' }, KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' }, after: { 500: 'alarm' } },
      ringing: {},
      alarm: {},
    },
  }),
);

const diff = diffCharts(before, after);

it('two charts as one have the new states and those that are gone, each id once, each reference to one of them', () => {
  const { chart, changes } = unionChart(diff);
  const states = statesBelow(chart.root);
  const ids = states.map(({ id }) => id);
  expect(states.map(({ path }) => path.join('.'))).toEqual([
    '',
    'closed',
    'open',
    'ringing',
    'alarm',
    'locked',
    'locked.once',
  ]);
  expect(new Set(ids).size).toBe(ids.length);
  const transitions = transitionsOf(chart);
  for (const { source, targets } of transitions)
    for (const id of [source, ...targets]) expect(ids).toContain(id);
  for (const { parent, initial } of states)
    for (const id of [...(parent === null ? [] : [parent]), ...initial]) expect(ids).toContain(id);
  const told = [...changes].map(([id, change]) => `${change} ${id}`);
  expect(told.toSorted()).toEqual([
    'added gate.alarm',
    'added gate.open/after:500/0',
    'changed gate.closed/OPEN/0',
    'removed door.locked',
    'removed door.locked.once',
    'removed removed door.closed/LOCK/0',
    'removed removed door.locked/UNLOCK/0',
  ]);
});

it('two charts as one keep apart what has the same id in both and is not the same', () => {
  const place = (key: string) =>
    walk(createMachine({ id: 'm', initial: key, states: { [key]: { id: 'here' } } }));
  const ids = statesBelow(unionChart(diffCharts(place('a'), place('b'))).chart.root).map(({ id }) => id);
  expect(ids).toEqual(['m', 'here', 'removed here']);
});

it('branches that are gone stand behind those of the same trigger, counted anew', () => {
  const on = (guards: readonly string[]) =>
    walk(
      createMachine({
        initial: 'a',
        states: { a: { on: { X: guards.map((guard) => ({ guard, target: 'b' })), Y: 'b' } }, b: {} },
      }),
    );
  const { chart } = unionChart(diffCharts(on(['g', 'h', 'i']), on(['g', 'i'])));
  expect(
    transitionsOf(chart).map(({ trigger, guard, branch, branches }) => [trigger, guard, branch, branches]),
  ).toEqual([
    ['X', 'g', 0, 3],
    ['X', 'i', 1, 3],
    ['X', 'h', 2, 3],
    ['Y', null, 0, 1],
  ]);
});

it.each(['outline', 'overview', 'full'] as const)(
  'the picture of a difference marks each change in the %s',
  async (kind) => {
    const { items } = await diffPicture(diff, { kind });
    const arrows = items.filter(
      (item): item is Arrow => item.kind === 'arrow' && item.strokeWidth !== undefined,
    );
    const paints = new Map(arrows.map(({ ref, paint }) => [ref, paint]));
    expect(Object.fromEntries(paints)).toMatchObject({
      'gate.open/after:500/0': 'added',
      'gate.closed/OPEN/0': 'changed',
      'removed door.closed/LOCK/0': 'removed',
      'removed door.locked/UNLOCK/0': 'removed',
    });
    const struck = items.filter((item): item is Label => item.kind === 'label' && item.isStruck === true);
    expect(new Set(struck.map(({ text }) => text))).toContain('locked');
    expect(struck.some(({ text }) => text === 'closed' || text === 'OPEN')).toBe(false);
    const signs = items.filter((item): item is Label => item.kind === 'label' && /^[+−~]$/.test(item.text));
    expect(signs.find(({ hint }) => hint === 'guard: isFree → isFreeNow')).toBeDefined();
  },
);

it('the picture of no difference says so and marks nothing', async () => {
  const { items } = await diffPicture(diffCharts(after, after), { kind: 'outline' });
  expect(items.some((item) => item.kind === 'arrow' && item.strokeWidth !== undefined)).toBe(false);
  expect(items.some((item) => item.kind === 'label' && item.text === 'No difference.')).toBe(true);
});

it('an arrow that one transition took before and another takes now has changed', async () => {
  const door = (event: string) =>
    walk(createMachine({ id: 'm', initial: 'a', states: { a: { on: { [event]: 'b' } }, b: {} } }));
  const { items } = await diffPicture(diffCharts(door('LOCK'), door('BOLT')), { kind: 'outline' });
  const paints = items.flatMap((item) => (item.kind === 'arrow' ? [item.paint] : []));
  expect(paints).toEqual(['ink', 'changed']);
});
