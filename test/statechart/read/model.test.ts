import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { statesNamedBy } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

it('finds the states that a state value names, in all regions and whatever their ids', () => {
  const { root } = walk(
    createMachine({
      id: 'room',
      initial: 'dark',
      states: {
        dark: {},
        lit: {
          type: 'parallel',
          states: {
            'a.lamp': { initial: 'dim', states: { dim: { id: 'other' }, bright: {} } },
            clock: {},
          },
        },
      },
    }),
  );
  const pathsOf = (value: unknown) => statesNamedBy(root, value).map(({ path }) => path);
  expect(pathsOf('dark')).toEqual([['dark']]);
  expect(pathsOf({ lit: { 'a.lamp': 'dim', clock: {} } })).toEqual([
    ['lit'],
    ['lit', 'a.lamp'],
    ['lit', 'a.lamp', 'dim'],
    ['lit', 'clock'],
  ]);
  expect(statesNamedBy(root, { lit: { 'a.lamp': 'dim' } }).at(-1)!.id).toBe('other');
  expect(pathsOf('gone')).toEqual([]);
});
