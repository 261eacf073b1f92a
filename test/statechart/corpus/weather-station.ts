import { createMachine, fromObservable } from 'xstate';

const degrees = {
  subscribe: (observer: { next?: (value: number) => void; complete?: () => void }) => {
    observer.next?.(21);
    observer.complete?.();
    return { unsubscribe: () => {} };
  },
};

export const machine = createMachine({
  id: 'weatherStation',
  initial: 'measuring',
  states: {
    measuring: {
      invoke: {
        id: 'thermometer',
        src: fromObservable(() => degrees as never),
        onSnapshot: { actions: () => {} },
        onDone: { target: 'measured' },
        onError: [{ guard: ({ event }) => event.error !== null, target: 'broken' }, { target: 'measured' }],
      },
    },
    measured: { on: { again: 'measuring' } },
    broken: { on: { again: 'measuring' } },
  },
});
