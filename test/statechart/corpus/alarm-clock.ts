import { assign, log, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { snoozes: number; minutes: number };
    events: { type: 'set'; minutes: number } | { type: 'snooze' } | { type: 'off' };
  },
  guards: { isLazy: ({ context }) => context.snoozes > 2 },
  delays: {
    untilAlarm: ({ context, event }) => (event.type === 'set' ? event.minutes : context.minutes) * 60_000,
    snoozeTime: 540_000,
  },
}).createMachine({
  id: 'alarmClock',
  context: { snoozes: 0, minutes: 0 },
  initial: 'unset',
  states: {
    unset: { on: { set: { target: 'set', actions: assign({ minutes: ({ event }) => event.minutes }) } } },
    set: { after: { untilAlarm: 'ringing' }, on: { off: 'unset' } },
    ringing: {
      entry: log(({ context }) => `snoozed ${context.snoozes} times`, 'clock'),
      on: {
        snooze: { target: 'snoozing', actions: assign({ snoozes: ({ context }) => context.snoozes + 1 }) },
        off: 'unset',
      },
    },
    snoozing: {
      after: {
        snoozeTime: [{ guard: 'isLazy', target: 'shouting', actions: log('Get up!') }, { target: 'ringing' }],
      },
      on: { off: 'unset' },
    },
    shouting: { on: { off: 'unset' } },
  },
});
