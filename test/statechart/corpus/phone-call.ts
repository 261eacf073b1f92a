import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'phoneCall',
  initial: 'idle',
  states: {
    idle: { on: { dial: 'calling' } },
    calling: {
      after: { 30000: 'idle', 500: { actions: () => {} } },
      on: { answered: 'talking', busy: 'idle' },
    },
    talking: {
      type: 'parallel',
      on: { hangUp: 'idle' },
      states: {
        microphone: {
          initial: 'open',
          states: { open: { on: { mute: 'muted' } }, muted: { on: { unmute: 'open' } } },
        },
        line: {
          type: 'parallel',
          states: {
            quality: {
              initial: 'good',
              states: { good: { on: { noise: 'bad' } }, bad: { on: { clear: 'good' } } },
            },
            encryption: { initial: 'on', states: { on: { on: { downgrade: 'off' } }, off: {} } },
          },
        },
      },
    },
  },
});
