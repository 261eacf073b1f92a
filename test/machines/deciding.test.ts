import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { assign, enqueueActions, initialTransition, type SnapshotFrom, setup, transition } from 'xstate';
import { clientSessionMachine } from '../../machines/client-session.machine.ts';
import type { ClientSessionEvent } from '../../machines/client-session.setup.ts';
import { assigning, deciding } from '../../machines/deciding.ts';
import { logWriterMachine } from '../../machines/log-writer.machine.ts';
import { type DecisionName, decisions } from '../../machines/raft/actions.ts';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { createStepper, type Step } from '../../src/node/step.ts';
import { creatorOf, implementationOf, partsOf } from '../../src/statechart/read/xstate-internals.ts';
import { votersOf } from '../raft/contexts.ts';
import { roleOf } from './raft/chart-node.ts';
import { Dice, RandomInputs } from './raft/random-inputs.ts';

type Chart = typeof raftMachine;

/** The same actions, as XState itself runs them. */
const plainly = (): Chart =>
  raftMachine.provide({
    actions: Object.fromEntries(
      (Object.keys(decisions) as DecisionName[]).map((name) => {
        const { collect } = partsOf(implementationOf(raftMachine, name));
        return [name, enqueueActions(collect as () => void)];
      }),
    ),
  } as never) as Chart;

/** All that XState's snapshots hold but the machine, whose actions differ. */
const seen = ({ snapshot, taken, ...step }: Step) => {
  const {
    machine: _,
    _nodes,
    ...rest
  } = snapshot as unknown as { machine: unknown; _nodes: { id: string }[] };
  return {
    ...step,
    ...rest,
    nodes: _nodes.map(({ id }) => id),
    taken: taken.map(({ transition, state }) => `${state}: ${transition.source.id} ${transition.eventType}`),
  };
};

describe('deciding', () => {
  it.each([1, 2, 3, 5])('steps the role chart as assign and enqueueActions do, %i voters', (size) => {
    const input = { id: 1, voters: votersOf(size), seed: size };
    const quick = createStepper();
    const plain = createStepper(plainly());
    const inputs = new RandomInputs(size, size);
    const due = new Set<string>();
    const roles = new Set<string>();
    let ours = quick.initial(input);
    let theirs = plain.initial(input);
    for (let at = 0; at < 800; at++) {
      if (!isDeepStrictEqual(seen(ours), seen(theirs)))
        expect(seen(ours), `step ${at}`).toEqual(seen(theirs));
      for (const { change, id } of ours.timers) change === 'start' ? due.add(id) : due.delete(id);
      roles.add(roleOf(ours.snapshot));
      inputs.note(ours.effects);
      const [timer] = due;
      const event = inputs.next(ours.snapshot.context, roleOf(ours.snapshot)) ?? {
        type: timer as 'xstate.after.',
      };
      due.delete(event.type);
      ours = quick.step(ours.snapshot, event);
      theirs = plain.step(theirs.snapshot, event);
    }
    expect(roles).toContain('leader');
    expect(roles.size).toBeGreaterThan(2);
  });

  it('leaves to XState what a snapshot is besides: its value, its tags and its children', () => {
    const base = setup({ types: { context: {} as { readonly n: number } } });
    const machine = base
      .extend({
        actions: {
          count: deciding(
            base.enqueueActions(() => {}),
            ({ n }: { readonly n: number }) => ({
              context: { n: n + 1 },
              actions: [{ type: 'done' }],
            }),
          ),
          done: () => {},
        },
      })
      .createMachine({
        context: { n: 0 },
        type: 'parallel',
        states: {
          a: {
            initial: 'one',
            states: {
              one: { entry: 'count', exit: 'count', on: { GO: 'two' } },
              two: { tags: 't', entry: 'count' },
            },
          },
          b: { initial: 'only', states: { only: { on: { GO: { actions: 'count' } } } } },
        },
      });
    const [first] = initialTransition(machine);
    const [second, actions] = transition(machine, first, { type: 'GO' } as never);
    expect(first.context).toEqual({ n: 1 });
    expect(second.context).toEqual({ n: 4 });
    expect(second.value).toEqual({ a: 'two', b: 'only' });
    expect([...second.tags]).toEqual(['t']);
    expect(actions.map(({ type }) => type)).toEqual(['done', 'done', 'done']);
  });

  it('keeps the value of the state, which XState would derive anew', () => {
    const base = setup({ types: { context: {} as { readonly n: number } } });
    const counting = [
      base.assign(({ context }) => ({ n: context.n + 1 })),
      assigning(base.assign, ({ context }) => ({ n: context.n + 1 })),
      deciding(
        base.enqueueActions(() => {}),
        ({ n }: { readonly n: number }) => ({ context: { n: n + 1 }, actions: [] }),
      ),
    ];
    const kept = counting.map((count) => {
      const region = { initial: 'only', states: { only: {} } };
      const machine = base.extend({ actions: { count } }).createMachine({
        context: { n: 0 },
        type: 'parallel',
        states: { a: region, b: region },
        on: { GO: { actions: 'count' } },
      });
      const [first] = initialTransition(machine);
      const [second] = transition(machine, first, { type: 'GO' } as never);
      expect(second.context).toEqual({ n: 1 });
      return second.value === first.value;
    });
    expect(kept).toEqual([false, true, true]);
  });

  it('leaves an assign what it is: the log writer does with any writes what it would do by XState alone', () => {
    const assigned = ['recordAppended', 'coverAppended'] as const;
    const plain = logWriterMachine.provide({
      actions: Object.fromEntries(
        assigned.map((name) => {
          const { assignment } = partsOf(implementationOf(logWriterMachine, name));
          return [name, assign(assignment as () => object)];
        }),
      ),
    });
    expect(assigned.map((name) => creatorOf(implementationOf(logWriterMachine, name)))).toEqual([
      'assign',
      'assign',
    ]);
    const dice = new Dice(1);
    let [ours] = initialTransition(logWriterMachine);
    let [theirs] = initialTransition(plain);
    for (let step = 1; step < 500; step++) {
      const isSynced = ours.value === 'writing' && dice.chance(0.4);
      const event = isSynced ? { type: 'Synced' as const } : { type: 'Appended' as const, sequence: step };
      const [next, actions] = transition(logWriterMachine, ours, event);
      const [plainly, plainActions] = transition(plain, theirs, event);
      [ours, theirs] = [next, plainly];
      expect([ours.value, ours.context], `step ${step}`).toEqual([theirs.value, theirs.context]);
      expect(actions.map(({ type, params }) => [type, params])).toEqual(
        plainActions.map(({ type, params }) => [type, params]),
      );
    }
    expect(ours.context.covered).toBeGreaterThan(300);
  });

  it("does with a client's session, whatever comes, what XState alone would do", () => {
    const actions = Object.entries(clientSessionMachine.implementations.actions).flatMap(([name, action]) => {
      const { assignment, collect } = partsOf(action);
      if (assignment !== undefined) return [[name, assign(assignment as () => object)]];
      return collect === undefined ? [] : [[name, enqueueActions(collect as () => void)]];
    });
    expect(actions.length).toBeGreaterThan(10);
    const plain = clientSessionMachine.provide({ actions: Object.fromEntries(actions) });
    const dice = new Dice(1);
    const ends = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const endpoints = ['a', 'b', 'c'].slice(0, 1 + (seed % 3));
      const input = {
        endpoints,
        isWrite: seed % 2 === 0,
        isTargeted: endpoints.length === 1 && seed % 2 === 0,
        timeoutMs: 5000,
        seed,
      };
      let [ours, actionsOfOurs] = initialTransition(clientSessionMachine, input);
      let [theirs, actionsOfTheirs] = initialTransition(plain, input);
      for (let step = 0; step < 60; step++) {
        expect([ours.value, ours.context, ours.status]).toEqual([
          theirs.value,
          theirs.context,
          theirs.status,
        ]);
        expect(actionsOfOurs.map(({ type, params }) => [type, params])).toEqual(
          actionsOfTheirs.map(({ type, params }) => [type, params]),
        );
        if (ours.status !== 'active') break;
        const event = sessionEvent(dice, ours);
        [ours, actionsOfOurs] = transition(clientSessionMachine, ours, event);
        [theirs, actionsOfTheirs] = transition(plain, theirs, event);
      }
      if (ours.status === 'error') throw ours.error;
      if (ours.status === 'done') ends.add(String(ours.value));
    }
    const finals = Object.entries(clientSessionMachine.states).flatMap(([name, { type }]) =>
      type === 'final' ? [name] : [],
    );
    expect([...ends].toSorted()).toEqual(finals.toSorted());
  });
});

/** Anything that may come to a session where it stands. */
const sessionEvent = (
  dice: Dice,
  snapshot: SnapshotFrom<typeof clientSessionMachine>,
): ClientSessionEvent => {
  const { attempt } = snapshot.context;
  const timers = snapshot._nodes
    .flatMap(({ transitions }) => [...transitions.keys()])
    .filter((type) => type.startsWith('xstate.after.'));
  const answers = [
    { status: 200, error: null, endpoint: null, distrust: null },
    { status: 503, error: 'no_leader', endpoint: null, distrust: null },
    { status: 421, error: 'not_leader', endpoint: 'b', distrust: null },
    { status: 421, error: 'not_leader', endpoint: 'd', distrust: 'it is http' },
    { status: 409, error: 'overwritten', endpoint: null, distrust: null },
    { status: 504, error: 'unknown_outcome', endpoint: null, distrust: null },
    { status: 410, error: 'session_expired', endpoint: null, distrust: null },
    { status: 429, error: 'overloaded', endpoint: null, distrust: null },
  ];
  const events = [
    ...answers.map((answer) => ({ type: 'Answered', attempt, answer }) as const),
    { type: 'Answered', attempt: attempt - 1, answer: answers[0]! } as const,
    { type: 'Sent', attempt } as const,
    { type: 'Broken', attempt, reason: 'reset' } as const,
    { type: 'Refused', attempt, reason: 'refused', isLasting: false } as const,
    { type: 'Refused', attempt, reason: 'not trusted', isLasting: true } as const,
    ...timers.map((type) => ({ type }) as unknown as ClientSessionEvent),
    { type: 'Sent', attempt } as const,
  ];
  return dice.pick(events);
};
