import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'cockpit',
  initial: 'flying',
  states: {
    flying: {
      type: 'parallel',
      on: { land: 'landed' },
      states: {
        gear: { initial: 'up', states: { up: { on: { lower: 'down' } }, down: { on: { raise: 'up' } } } },
        flaps: {
          initial: 'retracted',
          states: { retracted: { on: { extend: 'extended' } }, extended: { on: { retract: 'retracted' } } },
        },
        asBefore: { type: 'history', history: 'deep' },
      },
    },
    landed: { on: { takeOff: 'flying.asBefore', startAnew: 'flying' } },
  },
});
