import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffPicture } from '../../../src/statechart/compare/diff-picture.ts';
import { unionChart } from '../../../src/statechart/compare/union-chart.ts';
import type { Arrow, Label } from '../../../src/statechart/draw/scene.ts';
import { type ChartModel, statesBelow, transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { changedDoor, doorDiff } from './changed-door.ts';

/** Each id stands once, and each reference is to a state of the chart. */
const expectSound = ({ root }: ChartModel): void => {
  const states = statesBelow(root);
  const ids = states.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, parent, initial, states: inside, transitions } of states) {
    expect(ids).toEqual(expect.arrayContaining([...(parent === null ? [] : [parent]), ...initial]));
    for (const state of inside) expect(state.parent).toBe(id);
    for (const { source, targets } of transitions) {
      expect(source).toBe(id);
      expect(ids).toEqual(expect.arrayContaining([...targets]));
    }
    if (inside.length > 0 && initial.length > 0) expect(inside.map((each) => each.id)).toContain(initial[0]);
  }
};

it('two charts as one have the new states and those that are gone, each id once, each reference to one of them', () => {
  const { chart, changes } = unionChart(doorDiff);
  const states = statesBelow(chart.root);
  const ids = states.map(({ id }) => id);
  expect(states.map(({ path }) => path.join('.'))).toEqual([
    '',
    'closed',
    'open',
    'ringing',
    'ringing.once',
    'ringing.twice',
    'alarm',
    'locked',
    'locked.once',
  ]);
  expectSound(chart);
  const parts = [...ids, ...transitionsOf(chart).map(({ id }) => id)];
  expect(parts).toEqual(expect.arrayContaining([...changes.keys()]));
  const told = [...changes].map(([id, change]) => `${change} ${id}`);
  expect(told.toSorted()).toEqual([
    'added gate.alarm',
    'added gate.open/after:500/0',
    'added gate.ringing.twice',
    'added gate/RESET/0',
    'changed gate.closed/OPEN/0',
    'removed door.locked',
    'removed door.locked.once',
    'removed removed door.closed/LOCK/0',
    'removed removed door.locked/UNLOCK/0',
  ]);
});

it('two charts as one keep apart what has the same id in both and is not the same', () => {
  const place = (key: string) =>
    walk(
      createMachine({
        id: 'm',
        initial: key,
        states: { [key]: { initial: 'in', states: { in: { id: 'here', on: { X: '#here' } } } } },
      }),
    );
  const { chart } = unionChart(diffCharts(place('a'), place('b')));
  expect(statesBelow(chart.root).map(({ id }) => id)).toEqual(['m', 'm.b', 'here', 'm.a', 'removed here']);
  expectSound(chart);
});

it('two charts as one show the inside of a state that has none any more', () => {
  const a = (inside: object) => walk(createMachine({ id: 'm', initial: 'a', states: { a: inside } }));
  const { chart } = unionChart(diffCharts(a({ initial: 'b', states: { b: {} } }), a({})));
  expect(statesBelow(chart.root).map(({ key, type }) => `${key} ${type}`)).toEqual([
    'm compound',
    'a compound',
    'b atomic',
  ]);
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
    const { items } = await diffPicture(doorDiff, { kind });
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
    const hints = signs.map(({ text, hint }) => `${text} ${hint}`);
    expect(hints).toEqual(expect.arrayContaining(['~ guard: isFree → isFreeNow', '+ added', '− removed']));
    expect(hints).not.toContain('− added');
  },
);

it('the picture of no difference says so and marks nothing', async () => {
  const { title, items } = await diffPicture(diffCharts(changedDoor, changedDoor), { kind: 'outline' });
  expect(title).toBe('gate: what changed');
  expect(items.some((item) => item.kind === 'arrow' && item.strokeWidth !== undefined)).toBe(false);
  expect(items.some((item) => item.kind === 'label' && item.text === 'No difference.')).toBe(true);
});

it.each([
  ['one transition took before and another takes now', ['LOCK'], ['BOLT']],
  ['another transition takes as well', ['LOCK'], ['LOCK', 'BOLT']],
] as const)('an arrow that %s has changed', async (_, before, after) => {
  const door = (events: readonly string[]) => {
    const on = Object.fromEntries(events.map((event) => [event, 'b']));
    return walk(createMachine({ id: 'm', initial: 'a', states: { a: { on }, b: {} } }));
  };
  const { items } = await diffPicture(diffCharts(door(before), door(after)), { kind: 'outline' });
  const paints = items.flatMap((item) => (item.kind === 'arrow' ? [item.paint] : []));
  expect(paints).toEqual(['ink', 'changed']);
});
