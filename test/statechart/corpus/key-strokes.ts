import { assign, fromEventObservable, setup } from 'xstate';

const keys = {
  subscribe: (observer: { next?: (event: { type: 'key'; code: string }) => void }) => {
    observer.next?.({ type: 'key', code: 'Enter' });
    return { unsubscribe: () => {} };
  },
};

export const machine = setup({
  types: {} as { context: { typed: string }; events: { type: 'key'; code: string } | { type: 'stop' } },
  actors: { keyboard: fromEventObservable(() => keys as never) },
}).createMachine({
  id: 'keyStrokes',
  context: { typed: '' },
  invoke: { src: 'keyboard' },
  initial: 'recording',
  states: {
    recording: {
      on: {
        key: { actions: assign({ typed: ({ context, event }) => context.typed + event.code }) },
        stop: 'done',
      },
    },
    done: { type: 'final' },
  },
});
