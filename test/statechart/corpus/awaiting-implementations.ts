import { createMachine } from 'xstate';

/** Everything that it names is for others to `provide`: without that it does not start. */
export const machine = createMachine({
  id: 'awaitingImplementations',
  initial: 'waiting',
  invoke: { src: 'sensor', id: 'sensor' },
  states: {
    waiting: {
      entry: 'prepare',
      on: { go: { guard: 'isAllowed', target: 'working' } },
      after: { patience: 'working' },
    },
    working: { invoke: { src: 'work', onDone: 'waiting' } },
  },
});
