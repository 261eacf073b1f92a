import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { right: number; asked: number };
    events: { type: 'answer'; isRight: boolean } | { type: 'restart' };
  },
  guards: {
    isOver: ({ context }) => context.asked >= 3,
    isPassed: ({ context }) => context.right >= 2,
  },
  actions: {
    mark: assign(({ context, event }) => ({
      asked: context.asked + 1,
      right: context.right + (event.type === 'answer' && event.isRight ? 1 : 0),
    })),
    clear: assign({ right: 0, asked: 0 }),
  },
}).createMachine({
  id: 'quiz',
  context: { right: 0, asked: 0 },
  initial: 'asking',
  states: {
    asking: { on: { answer: { target: 'marking', actions: 'mark' } } },
    marking: { always: [{ guard: 'isOver', target: 'grading' }, { target: 'asking' }] },
    grading: { always: [{ guard: 'isPassed', target: 'passed' }, { target: 'failed' }] },
    passed: { type: 'final' },
    failed: { on: { restart: { target: 'asking', actions: 'clear' } } },
  },
});
