import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events: { type: 'open' } | { type: 'close' } | { type: 'escape' } | { type: 'save' } | { type: 'saved' };
  },
}).createMachine({
  id: 'modalDialog',
  initial: 'shut',
  states: {
    shut: { on: { open: 'shown' } },
    shown: {
      initial: 'editing',
      on: { close: 'shut', escape: 'shut' },
      states: {
        editing: { on: { save: 'saving' } },
        saving: {
          description: 'While it saves it cannot be closed.',
          on: { escape: undefined, close: undefined, saved: 'editing' },
        },
      },
    },
  },
});
