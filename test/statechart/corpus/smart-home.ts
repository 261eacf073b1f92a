import { and, createMachine, not, stateIn } from 'xstate';

export const machine = createMachine({
  id: 'smartHome',
  type: 'parallel',
  states: {
    people: {
      initial: 'home',
      states: { home: { on: { go: 'away' } }, away: { id: 'nobodyHome', on: { come: 'home' } } },
    },
    lights: {
      initial: 'off',
      states: {
        off: { on: { dusk: { guard: not(stateIn('#nobodyHome')), target: 'on' } } },
        on: { always: { guard: stateIn({ people: 'away' }), target: 'off' }, on: { dawn: 'off' } },
      },
    },
    alarm: {
      initial: 'unarmed',
      states: {
        unarmed: {
          on: {
            arm: {
              guard: and([stateIn({ people: 'away', lights: 'off' }), not(stateIn({ alarm: 'armed' }))]),
              target: 'armed',
            },
          },
        },
        armed: { on: { disarm: 'unarmed' } },
      },
    },
  },
});
