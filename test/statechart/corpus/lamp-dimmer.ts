import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { level: number };
    events: { type: 'switch' } | { type: 'turn'; by: number };
  },
  guards: {
    isUp: ({ event }) => event.type === 'turn' && event.by > 0,
    isDark: ({ context }) => context.level <= 0,
  },
  actions: {
    turn: assign({
      level: ({ context, event }) =>
        event.type === 'turn' ? Math.min(100, Math.max(0, context.level + event.by)) : context.level,
    }),
    light: assign({ level: 100 }),
  },
}).createMachine({
  id: 'lampDimmer',
  context: { level: 0 },
  initial: 'dark',
  states: {
    dark: {
      on: {
        switch: { target: 'lit', actions: 'light' },
        turn: { guard: 'isUp', target: 'lit', actions: 'turn' },
      },
    },
    lit: {
      always: { guard: 'isDark', target: 'dark' },
      on: { switch: { target: 'dark', actions: assign({ level: 0 }) }, turn: { actions: 'turn' } },
    },
  },
});
