import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { TakenTransitions } from '../../src/node/taken-transitions.ts';

const door = createMachine({
  id: 'door',
  initial: 'shut',
  states: {
    shut: {
      on: {
        Push: [
          { guard: () => false, target: 'open' },
          { target: 'open', description: 'It gives way.', meta: { rule: 'The manual §1' } },
        ],
      },
    },
    open: { initial: 'ajar', states: { ajar: { on: { Push: 'wide' } }, wide: {} } },
  },
});

describe('transitions that a chart has taken', () => {
  const started = () => {
    const taken = new TakenTransitions();
    const actor = createActor(door, { inspect: (event) => taken.record(event) }).start();
    return { actor, report: () => taken.report('door', actor.sessionId, actor.getSnapshot().value) };
  };

  it('are none at first: how a chart begins is no transition', () => {
    expect(started().report()).toEqual({ actor: 'door', value: 'shut', last: null, moved: null, taken: [] });
  });

  it('are told with their branch, and the one that changed the outermost state by itself', () => {
    const { actor, report } = started();
    actor.send({ type: 'Push' });
    actor.send({ type: 'Push' });
    const { value, last, moved, taken } = report();
    expect(value).toEqual({ open: 'wide' });
    expect(moved).toEqual({
      id: 'door.shut/Push/1',
      source: 'door.shut',
      event: 'Push',
      branch: 1,
      guard: null,
      description: 'It gives way.',
      rule: 'The manual §1',
      count: 1,
    });
    expect(last).toMatchObject({ source: 'door.open.ajar', event: 'Push', branch: 0 });
    expect(taken).toEqual([moved, last]);
  });

  it('are counted', () => {
    const taken = new TakenTransitions();
    const loop = createMachine({
      id: 'loop',
      initial: 'here',
      states: { here: { on: { Go: { actions: [] } } } },
    });
    const actor = createActor(loop, { inspect: (event) => taken.record(event) }).start();
    for (let at = 0; at < 3; at++) actor.send({ type: 'Go' });
    expect(taken.report('loop', actor.sessionId, 'here').taken[0]?.count).toBe(3);
  });
});
