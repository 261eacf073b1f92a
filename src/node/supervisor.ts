import { type AnyActorLogic, createMachine, type DoneActorEvent, type ErrorActorEvent } from 'xstate';

/** An actor of a node's system; its `systemId` is also its id. */
export interface NodeActor {
  readonly systemId: string;
  readonly logic: AnyActorLogic;
  readonly input?: unknown;
}

/** The root of a node's actor system: runs its actors until one of them fails, which is reported once. */
export const supervisorMachine = (actors: readonly NodeActor[], report: (error: Error) => void) =>
  createMachine({
    types: {} as { events: ErrorActorEvent | DoneActorEvent },
    id: 'node',
    description: 'Runs the actors of one node.',
    initial: 'running',
    states: {
      running: {
        description: 'The role chart, the log writer and the links to the peers are at work.',
        invoke: actors.map(({ systemId, logic, input }) => ({
          src: logic,
          id: systemId,
          systemId,
          input,
          onError: {
            target: 'failed',
            actions: ({ event }: { event: ErrorActorEvent }) => report(event.error as Error),
            description: 'An actor erred: the node must not go on.',
            meta: { rule: 'ARCHITECTURE.md, design rule 10' },
          },
        })),
      },
      failed: { description: 'The node is being stopped.' },
    },
  });
