import { assign, emit, fromCallback, fromPromise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { percent: number };
    events: { type: 'start' } | { type: 'progress'; percent: number } | { type: 'abort' };
    emitted: { type: 'progressed'; percent: number } | { type: 'aborted' };
  },
  actors: {
    upload: fromPromise<string>(async () => 'https://files.example/1'),
    meter: fromCallback<{ type: 'never' }>(({ sendBack }) => sendBack({ type: 'progress', percent: 50 })),
  },
}).createMachine({
  id: 'fileUpload',
  context: { percent: 0 },
  initial: 'idle',
  states: {
    idle: { on: { start: 'uploading' } },
    uploading: {
      invoke: [
        { id: 'upload', src: 'upload', onDone: 'uploaded', onError: 'idle' },
        { id: 'meter', src: 'meter' },
      ],
      on: {
        progress: {
          actions: [
            assign({ percent: ({ event }) => event.percent }),
            emit(({ event }) => ({ type: 'progressed', percent: event.percent })),
          ],
        },
        abort: { target: 'idle', actions: emit({ type: 'aborted' }) },
      },
    },
    uploaded: { type: 'final' },
  },
});
