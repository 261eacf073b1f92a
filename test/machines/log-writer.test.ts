import { describe, expect, test } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { type LogWriterEvent, logWriterMachine } from '../../machines/log-writer.machine.ts';

type Effect = { readonly type: string; readonly params: unknown };
type Snapshot = SnapshotFrom<typeof logWriterMachine>;

const effects = new Set(['sync', 'reportDurable', 'reportFailure']);

/** Steps purely from the start; gives the last state and the effects of each event. */
const run = (...events: readonly LogWriterEvent[]) => {
  let [snapshot]: [Snapshot, unknown] = initialTransition(logWriterMachine);
  const steps: (readonly Effect[])[] = [];
  for (const event of events) {
    const [next, actions] = transition(logWriterMachine, snapshot, event);
    snapshot = next;
    steps.push(actions.filter(({ type }) => effects.has(type)).map(({ type, params }) => ({ type, params })));
  }
  return { value: snapshot.value, status: snapshot.status, context: snapshot.context, steps };
};

const appended = (sequence: number): LogWriterEvent => ({ type: 'Appended', sequence });
const synced: LogWriterEvent = { type: 'Synced' };
const sync = (sequence: number) => ({ type: 'sync', params: { sequence } });
const reportDurable = (sequence: number) => ({ type: 'reportDurable', params: { sequence } });

describe('log writer (thesis §10.2.1)', () => {
  test('idle starts a sync at once for a write', () => {
    expect(run(appended(1))).toMatchObject({ value: 'writing', steps: [[sync(1)]] });
  });

  test('idle again once the only write is durable', () => {
    expect(run(appended(1), synced)).toMatchObject({ value: 'idle', steps: [[sync(1)], [reportDurable(1)]] });
  });

  test('writing starts no second sync while one is running', () => {
    expect(run(appended(1), appended(2), appended(3))).toMatchObject({
      value: 'writing',
      context: { appended: 3, covered: 1 },
      steps: [[sync(1)], [], []],
    });
  });

  test('writing reports only what its sync covered, then syncs the rest as one group', () => {
    expect(run(appended(1), appended(2), appended(5), synced, synced)).toMatchObject({
      value: 'idle',
      steps: [[sync(1)], [], [], [reportDurable(1), sync(5)], [reportDurable(5)]],
    });
  });

  test('failed is final, and nothing is reported durable any more (known bug 25)', () => {
    const failure: LogWriterEvent = { type: 'SyncFailed', reason: 'EIO' };
    expect(run(appended(1), appended(2), failure, synced, appended(3))).toMatchObject({
      value: 'failed',
      status: 'done',
      steps: [[sync(1)], [], [{ type: 'reportFailure', params: { reason: 'EIO' } }], [], []],
    });
  });

  test('an answer without a running sync is our own bug', () => {
    const errors: unknown[] = [];
    const actor = createActor(logWriterMachine);
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    actor.send(synced);
    expect(String(errors[0])).toContain('a sync answers only while one is running');
  });

  test('a sequence that does not rise is our own bug', () => {
    expect(() => run(appended(2), appended(2))).toThrow('sequences rise; found 2 against 2');
  });

  test('an effect that nobody provides throws instead of being skipped', () => {
    const errors: unknown[] = [];
    const actor = createActor(logWriterMachine);
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    actor.send(appended(1));
    expect(String(errors[0])).toContain('the effect sync is provided');
  });

  test('each transition has a sentence, a source, and named guards and actions only', () => {
    const config = JSON.parse(JSON.stringify(logWriterMachine.config));
    const transitions = Object.values<Record<string, unknown>>(config.states).flatMap(({ on = {} }) =>
      Object.values(on as object).flat(),
    );
    expect(transitions).toHaveLength(7);
    for (const { description, meta, actions, guard } of transitions) {
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(meta.rule).toMatch(/thesis|design|fsyncgate/);
      expect(['string', 'object']).toContain(typeof actions);
      expect([undefined, 'isMoreAppended']).toContain(guard);
    }
  });
});
