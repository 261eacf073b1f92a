import { createMachine } from 'xstate';

/** Ids that no XML name may have. */
export const machine = createMachine({
  id: '0.m.s',
  initial: '0',
  states: {
    '0': { on: { go: '1' } },
    '1': { id: '1.2.3', on: { go: '#(inner)' } },
    '-1': {
      id: '(inner)',
      initial: '2',
      states: { '2': { on: { go: '3' } }, '3': { type: 'final' } },
      onDone: '0',
    },
  },
});
