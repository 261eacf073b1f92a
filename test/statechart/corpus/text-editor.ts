import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'textEditor',
  initial: 'visual',
  states: {
    visual: {
      initial: 'reading',
      on: { showSource: 'source' },
      states: {
        reading: { on: { edit: 'editing' } },
        editing: {
          initial: 'typing',
          on: { done: 'reading' },
          states: { typing: { on: { select: 'selecting' } }, selecting: { on: { type: 'typing' } } },
        },
        lastMode: { type: 'history', history: 'shallow', target: 'reading' },
      },
    },
    source: { on: { showVisual: 'visual.lastMode' } },
  },
});
