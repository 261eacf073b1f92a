import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'installer',
  initial: 'steps',
  states: {
    steps: {
      initial: 'welcome',
      on: { suspend: 'suspended', help: 'helping' },
      states: {
        welcome: { on: { next: 'options' } },
        options: {
          initial: 'folder',
          on: { next: 'copying' },
          states: {
            folder: { on: { chosen: 'shortcuts' } },
            shortcuts: {
              initial: 'desktop',
              states: { desktop: { on: { chosen: 'menu' } }, menu: {} },
            },
          },
        },
        copying: { on: { copied: 'finished' } },
        finished: { type: 'final' },
        resume: { type: 'history', history: 'deep', target: 'options.shortcuts.menu' },
        returning: { type: 'history', history: 'deep' },
      },
      onDone: 'installed',
    },
    suspended: { on: { resume: 'steps.resume' } },
    helping: { on: { close: 'steps.returning' } },
    installed: { type: 'final' },
  },
});
