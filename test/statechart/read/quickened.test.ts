import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, createMachine, type EventObject } from 'xstate';
import { logWriterMachine } from '../../../machines/log-writer.machine.ts';
import { peerLinkMachine } from '../../../machines/peer-link.machine.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { forgetSystemIds, inertScope, quickened } from '../../../src/statechart/read/xstate-internals.ts';
import { Dice } from '../../machines/raft/random-inputs.ts';
import { corpus } from '../corpus/corpus.ts';

/** What a machine does with events, one by one; an error is told by its message, and the machine stays where it was. */
const walkerOf = (machine: AnyStateMachine, input: unknown) => {
  const self = createActor(machine, { input });
  forgetSystemIds(self);
  const executed: string[] = [];
  const scope = inertScope(self, ({ type }) => executed.push(type)) as never;
  let snapshot = machine.getInitialSnapshot(scope, input);
  return (event: EventObject) => {
    executed.length = 0;
    try {
      snapshot = machine.transition(snapshot, event, scope);
    } catch (error) {
      return (error as Error).message;
    }
    const { value, status, context } = snapshot;
    return { value, status, context: inspect(context).replace(sessionId, 'x:'), executed: [...executed] };
  };
};

/** XState counts actors, and some machines keep what they are called. */
const sessionId = /x:\d+/g;

const wild = createMachine({
  id: 'wild',
  initial: 'a',
  on: { '*': '.b', 'x.*': '.a' },
  states: { a: { on: { GO: 'b' } }, b: { on: { 'x.y.*': 'a', '*': { actions: () => {} } } } },
});

const machines: readonly (readonly [string, AnyStateMachine, readonly EventObject[], unknown])[] = [
  ...corpus
    .filter(({ name }) => name !== 'awaiting-implementations')
    .map(({ name, machine, events, input }) => [name, machine, events, input] as const),
  ['log-writer', logWriterMachine, [1, 2, 3].map((sequence) => ({ type: 'Appended', sequence })), undefined],
  ['peer-link', peerLinkMachine, [], { peer: 2, seed: 1, version: 1 }],
  ['wild', wild, ['x', 'x.y', 'x.y.z', 'y'].map((type) => ({ type })), undefined],
];

describe('quickened', () => {
  it.each(machines)('%s does with 300 events what it did', (name, machine, given, input) => {
    const types = [...new Set(transitionsOf(walk(machine)).map(({ eventType }) => eventType))];
    const events = [
      ...given,
      ...types.filter((type) => type !== '').map((type) => ({ type })),
      { type: 'other' },
    ];
    const dice = new Dice(name.length);
    const plain = walkerOf(machine.provide({}) as AnyStateMachine, input);
    const quick = walkerOf(quickened(machine.provide({}) as AnyStateMachine), input);
    for (let step = 0; step < 300; step++) {
      const event = dice.pick(events);
      expect(quick(event), `${step}: ${event.type}`).toEqual(plain(event));
    }
  });

  it('does not ask the states that have no transition for an event', () => {
    const machine = createMachine({
      initial: 'a',
      on: { GO: { actions: () => {} } },
      states: { a: { on: { STAY: 'a' } } },
    });
    const asked: string[] = [];
    for (const node of [machine.root, machine.root.states.a!]) {
      const searching = node as unknown as { next: (...args: unknown[]) => unknown };
      const { next } = searching;
      searching.next = (...args) => {
        asked.push(node.id);
        return next.apply(node, args);
      };
    }
    const actor = createActor(quickened(quickened(machine))).start();
    actor.send({ type: 'GO' });
    actor.send({ type: 'STAY' });
    actor.send({ type: 'OTHER' });
    expect(asked).toEqual(['(machine)', '(machine).a']);
  });
});
