import { createMachine } from 'xstate';

export const machine = createMachine({
  initial: 'a',
  states: { a: { on: { go: 'b' } }, b: { on: { go: '#(machine).a' } } },
});
