import { createMachine, fromPromise } from 'xstate';

const self: { job?: unknown } = {};

const job = createMachine({
  id: 'job',
  initial: 'working',
  meta: { self },
  states: {
    working: { on: { split: 'split', finish: 'finished' } },
    split: { meta: { parts: self } },
    finished: { type: 'final' },
  },
});
self.job = job;

/** Actors without names: a machine whose metadata leads back to itself, and a promise. */
export const machine = createMachine({
  id: 'nestedJobs',
  initial: 'first',
  states: {
    first: { invoke: { src: job, onDone: 'second' } },
    second: {
      invoke: { src: fromPromise(async () => 7), onDone: 'third', onError: 'first' },
    },
    third: { type: 'final' },
  },
});
