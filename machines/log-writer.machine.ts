import { setup } from 'xstate';
import { assert } from '../src/raft/assert.ts';
import { assigning } from './deciding.ts';
import { unbound } from './unbound.ts';

/** Writes are counted from 1 in the order of `Storage.append`. */
interface LogWriterContext {
  /** The last write appended. */
  readonly appended: number;
  /** The last write that the running sync covers; between syncs, the one that the last sync covered. */
  readonly covered: number;
}

export type LogWriterEvent =
  /** Write `sequence` was appended; all before it were as well. */
  | { readonly type: 'Appended'; readonly sequence: number }
  /** Everything that the running sync covers would now survive a power loss. */
  | { readonly type: 'Synced' }
  | { readonly type: 'SyncFailed'; readonly reason: string };

const logWriterSetup = setup({
  types: {
    context: {} as LogWriterContext,
    events: {} as LogWriterEvent,
    meta: {} as { rule: string },
  },
  guards: {
    isMoreAppended: ({ context }) => context.appended > context.covered,
  },
  actions: {
    /** Calls `Storage.sync`; its answer comes back as `Synced` or `SyncFailed`. */
    sync: (_, _params: { sequence: number }) => unbound('sync')(),
    /** All writes up to `sequence` are durable: messages that waited for them may leave. */
    reportDurable: (_, _params: { sequence: number }) => unbound('reportDurable')(),
    /** The node must stop. */
    reportFailure: (_, _params: { reason: string }) => unbound('reportFailure')(),
  },
});

const logWriter = logWriterSetup.extend({
  actions: {
    recordAppended: assigning(logWriterSetup.assign, ({ context, event }) => {
      assert(event.type === 'Appended', 'an Appended is recorded', event.type, 'Appended');
      assert(event.sequence > context.appended, 'sequences rise', event.sequence, context.appended);
      return { appended: event.sequence };
    }),
    coverAppended: assigning(logWriterSetup.assign, ({ context }) => ({ covered: context.appended })),
    refuseAnswer: ({ event }) =>
      assert(false, 'a sync answers only while one is running', event.type, 'idle'),
  },
});

/**
 * The log writer: group commit with one sync in flight. Writes appended during a sync all go together with the next one.
 * Thesis §10.2.1.
 */
export const logWriterMachine = logWriter.createMachine({
  id: 'logWriter',
  context: { appended: 0, covered: 0 },
  initial: 'idle',
  options: { maxIterations: 100 },
  states: {
    idle: {
      description: 'Everything appended so far is durable.',
      meta: { rule: 'thesis §10.2.1' },
      on: {
        Appended: {
          target: 'writing',
          actions: 'recordAppended',
          description: 'The disk is idle, so the write is synced at once, without waiting for more.',
          meta: { rule: 'thesis §10.2.1' },
        },
        Synced: {
          actions: 'refuseAnswer',
          description: 'No sync is running, so this is our own bug: the node stops.',
          meta: { rule: 'ARCHITECTURE.md, design rule 10' },
        },
        SyncFailed: {
          actions: 'refuseAnswer',
          description: 'No sync is running, so this is our own bug: the node stops.',
          meta: { rule: 'ARCHITECTURE.md, design rule 10' },
        },
      },
    },
    writing: {
      description: 'One sync is running; it covers everything appended before it began.',
      meta: { rule: 'thesis §10.2.1' },
      entry: ['coverAppended', { type: 'sync', params: ({ context }) => ({ sequence: context.covered }) }],
      on: {
        Appended: {
          actions: 'recordAppended',
          description: 'The write waits for the next sync.',
          meta: { rule: 'thesis §10.2.1' },
        },
        Synced: [
          {
            guard: 'isMoreAppended',
            target: 'writing',
            reenter: true,
            actions: { type: 'reportDurable', params: ({ context }) => ({ sequence: context.covered }) },
            description: 'This group of writes is durable; those that arrived meanwhile form the next group.',
            meta: { rule: 'thesis §10.2.1' },
          },
          {
            target: 'idle',
            actions: { type: 'reportDurable', params: ({ context }) => ({ sequence: context.covered }) },
            description: 'This group of writes is durable, and nothing arrived meanwhile.',
            meta: { rule: 'thesis §10.2.1' },
          },
        ],
        SyncFailed: {
          target: 'failed',
          actions: { type: 'reportFailure', params: ({ event }) => ({ reason: event.reason }) },
          description:
            'A failed sync is never retried: the next one could succeed although the data is lost.',
          meta: { rule: 'fsyncgate: PostgreSQL 2018' },
        },
      },
    },
    failed: {
      type: 'final',
      description: 'Nothing more is ever reported as durable, and the node stops.',
      meta: { rule: 'fsyncgate: PostgreSQL 2018' },
    },
  },
});
