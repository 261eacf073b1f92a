import { createMachine } from 'xstate';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const before = walk(
  createMachine({
    id: 'door',
    initial: 'closed',
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFree' }, LOCK: 'locked', KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' } },
      ringing: { initial: 'once', states: { once: {} } },
      locked: { on: { UNLOCK: 'closed' }, initial: 'once', states: { once: {} } },
    },
  }),
);

/** The machine has another id, `ringing` one more state, and of the rest something is new, gone or changed. */
export const changedDoor = walk(
  createMachine({
    id: 'gate',
    initial: 'closed',
    on: { RESET: { guard: 'isAllowed', actions: 'reset' } },
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFreeNow' }, KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' }, after: { 500: 'alarm' } },
      ringing: { initial: 'once', states: { once: {}, twice: {} } },
      alarm: {},
    },
  }),
);

export const doorDiff = diffCharts(before, changedDoor);
