import {
  type AnyActorLogic,
  createMachine,
  type DoneActorEvent,
  type ErrorActorEvent,
  enqueueActions,
  stopChild,
} from 'xstate';
import { anyActorError } from '../statechart/read/xstate-internals.ts';

/** An actor of a node's system; its `systemId` is also its id. */
export interface NodeActor {
  readonly systemId: string;
  readonly logic: AnyActorLogic;
  readonly input?: unknown;
}

/** What the supervisor is told while it runs. */
export type SupervisorEvent =
  /** There is one more actor to run. */
  | { readonly type: 'Needed'; readonly actor: NodeActor }
  /** An actor has nothing more to do. */
  | { readonly type: 'Unneeded'; readonly systemId: string };

/** The root of a node's actor system: runs its actors until one of them fails, which is reported once. */
export const supervisorMachine = (actors: readonly NodeActor[], report: (error: Error) => void) =>
  createMachine({
    types: {} as { events: SupervisorEvent | ErrorActorEvent | DoneActorEvent },
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
        })),
        on: {
          Needed: {
            actions: enqueueActions(({ enqueue, event }) => {
              const { systemId, logic, input } = event.actor;
              enqueue.spawnChild(logic, { id: systemId, systemId, input });
            }),
            description: 'A member has joined: runs the link to it.',
            meta: { rule: 'Thesis §4.1' },
          },
          Unneeded: {
            actions: stopChild(({ event }) => event.systemId),
            description: 'A member has left: ends the link to it.',
            meta: { rule: 'Thesis §4.1' },
          },
          [anyActorError]: {
            target: 'failed',
            actions: ({ event }) => report((event as ErrorActorEvent).error as Error),
            description: 'An actor erred: the node must not go on.',
            meta: { rule: 'ARCHITECTURE.md, design rule 10' },
          },
        },
      },
      failed: { description: 'The node is being stopped.' },
    },
  });
