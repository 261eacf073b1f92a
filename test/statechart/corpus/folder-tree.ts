import { type AnyActorRef, type AnyStateMachine, assign, createMachine } from 'xstate';

/** Each folder may hold further ones: the machine spawns itself. */
export const machine: AnyStateMachine = createMachine({
  types: {} as {
    context: { folders: readonly AnyActorRef[] };
    events: { type: 'open' } | { type: 'close' } | { type: 'addFolder' };
  },
  id: 'folderTree',
  context: { folders: [] },
  initial: 'closed',
  states: {
    closed: { on: { open: 'opened' } },
    opened: {
      on: {
        close: 'closed',
        addFolder: {
          actions: assign({
            folders: ({ context, spawn }): AnyActorRef[] => [...context.folders, spawn(machine)],
          }),
        },
      },
    },
  },
});
