import { and, not, or, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { badge: boolean; pin: string; hour: number };
    events:
      | { type: 'badge' }
      | { type: 'pin'; digits: string }
      | { type: 'hour'; hour: number }
      | { type: 'leave' };
  },
  guards: {
    hasBadge: ({ context }) => context.badge,
    isPin: (_, params: { digits: string }) => params.digits === '1234',
    isNight: ({ context }) => context.hour < 6 || context.hour > 22,
  },
}).createMachine({
  id: 'accessControl',
  context: { badge: true, pin: '', hour: 12 },
  initial: 'outside',
  states: {
    outside: {
      on: {
        badge: [
          { guard: and(['hasBadge', not('isNight')]), target: 'inside' },
          { guard: 'hasBadge', target: 'asking' },
        ],
        pin: {
          guard: or([
            and([
              'hasBadge',
              { type: 'isPin', params: { digits: '1234' } },
              not(or(['isNight', ({ context }) => context.hour === 12])),
            ]),
            not(not('hasBadge')),
          ]),
          target: 'inside',
        },
      },
    },
    asking: {
      on: {
        pin: {
          guard: { type: 'isPin', params: ({ event }) => ({ digits: event.digits }) },
          target: 'inside',
        },
        leave: 'outside',
      },
    },
    inside: { on: { leave: 'outside' } },
  },
});
