import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { past: readonly string[]; text: string; future: readonly string[] };
    events: { type: 'write'; text: string } | { type: 'undo' } | { type: 'redo' };
  },
  guards: {
    canUndo: ({ context }) => context.past.length > 0,
    canRedo: ({ context }) => context.future.length > 0,
  },
  actions: {
    write: assign(({ context, event }) =>
      event.type === 'write' ? { past: [...context.past, context.text], text: event.text, future: [] } : {},
    ),
    undo: assign(({ context }) => ({
      past: context.past.slice(0, -1),
      text: context.past.at(-1) ?? '',
      future: [context.text, ...context.future],
    })),
    redo: assign(({ context }) => ({
      past: [...context.past, context.text],
      text: context.future[0] ?? '',
      future: context.future.slice(1),
    })),
  },
}).createMachine({
  id: 'undoStack',
  context: { past: [], text: '', future: [] },
  on: {
    write: { actions: 'write' },
    undo: { guard: 'canUndo', actions: 'undo' },
    redo: { guard: 'canRedo', actions: 'redo' },
  },
});
