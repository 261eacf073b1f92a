import { createMachine } from 'xstate';
export const lamp = createMachine({
  id: 'lamp',
  initial: 'dark',
  states: {
    dark: { on: { PRESS: 'lit', BREAK: { guard: 'isOld', target: 'broken' } } },
    lit: { after: { 500: 'dark' }, on: { PRESS: 'dark' } },
    broken: { type: 'final' },
  },
}, { guards: { isOld: () => false } });
