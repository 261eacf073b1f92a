import { createMachine } from 'xstate';

/** Keys with dots: targets write them with a backslash. */
export const machine = createMachine({
  id: 'versions',
  initial: 'v1.0',
  states: {
    'v1.0': { on: { upgrade: 'v1\\.1' } },
    'v1.1': {
      initial: 'rc.1',
      on: { upgrade: 'v2' },
      states: { 'rc.1': { on: { fix: 'rc\\.2' } }, 'rc.2': {} },
    },
    v2: { initial: '0', on: { downgrade: 'v1\\.0' }, states: { '0': {} } },
    'v2.0': { on: { downgrade: 'v2' } },
  },
  on: { odd: '.v2\\.0' },
});
