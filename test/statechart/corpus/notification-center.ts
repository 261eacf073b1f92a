import { enqueueActions, fromPromise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { unread: number; quiet: boolean };
    events: { type: 'arrived'; urgent: boolean } | { type: 'readAll' } | { type: 'quiet' };
    emitted: { type: 'badge'; count: number };
  },
  actors: { vibrate: fromPromise(async () => {}) },
  guards: { isQuiet: ({ context }) => context.quiet },
  actions: { chime: () => {} },
}).createMachine({
  id: 'notificationCenter',
  context: { unread: 0, quiet: false },
  on: {
    arrived: {
      actions: enqueueActions(({ context, event, enqueue, check }) => {
        enqueue.assign({ unread: context.unread + 1 });
        if (!check('isQuiet')) enqueue('chime');
        if (event.urgent) enqueue.spawnChild('vibrate', { id: 'vibration' });
        enqueue.emit({ type: 'badge', count: context.unread + 1 });
      }),
    },
    readAll: {
      actions: enqueueActions(({ enqueue }) => {
        enqueue.assign({ unread: 0 });
        enqueue.stopChild('vibration');
        enqueue.raise({ type: 'quiet' }, { delay: 1_000, id: 'quiet' });
        enqueue.cancel('quiet');
      }),
    },
    quiet: {
      actions: enqueueActions(({ context, enqueue, self }) => {
        enqueue.assign({ quiet: !context.quiet });
        enqueue.sendTo(self, { type: 'readAll' });
      }),
    },
  },
});
