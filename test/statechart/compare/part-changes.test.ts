import { expect, it } from 'vitest';
import { partChanges } from '../../../src/statechart/compare/part-changes.ts';
import { unionChart } from '../../../src/statechart/compare/union-chart.ts';
import { compareModules } from '../source/compare-modules.ts';

const door = (limit: number, opened: string, heard: string, knock: string) => ({
  'machine.ts': `import { setup } from 'xstate';
const size = 3;
export const door = setup({
  guards: { isFree: () => size < ${limit}${heard} },
  actions: { ring: () => {} },
}).createMachine({
  id: 'door',
  initial: 'shut',
  states: {
    shut: {
      on: {
        OPEN: { guard: 'isFree', target: 'wide' },
        PUSH: { guard: 'isFree', target: '${opened}' },
        KNOCK: [${knock} { actions: 'ring' }],
      },
    },
    wide: {},
    ajar: {},
  },
});
`,
});

it('a rule that reads differently changes the transitions that use it, and one that is gone changes none that stay', async () => {
  const diff = await compareModules(
    door(3, 'wide', ', isHeard: () => size > 1', "{ guard: 'isHeard' },"),
    door(4, 'ajar', '', ''),
  );
  expect(Object.fromEntries(partChanges(diff, unionChart(diff)))).toEqual({
    'door.shut/OPEN/0': { change: 'changed', words: 'guard: isFree changed' },
    // Its own change says more.
    'door.shut/PUSH/0': { change: 'changed', words: 'target: wide → ajar' },
    'removed door.shut/KNOCK/0': { change: 'removed', words: 'removed' },
  });
  expect(diff.sources.map(({ change, name }) => `${change} ${name}`)).toContain('removed isHeard');
});
