import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  fromCallback,
  fromPromise,
  raise,
  SimulatedClock,
  sendTo,
} from 'xstate';

/** The end of a machine that was started and given events. */
const ran = (machine: AnyStateMachine, ...events: readonly string[]) => {
  const errors: unknown[] = [];
  const clock = new SimulatedClock();
  const actor = createActor(machine, { clock });
  actor.subscribe({ error: (error) => errors.push((error as Error).message ?? error) });
  actor.start();
  for (const type of events) actor.send({ type });
  return { actor, clock, errors, state: () => actor.getSnapshot().value };
};

const options = { maxIterations: 50 };
const hangs = [expect.stringContaining('Infinite loop')];

describe('what the rules tell of XState', () => {
  it('always transitions in a circle hang, and so does one that assigns', () => {
    const circle = createMachine({
      options,
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    } as never);
    expect(ran(circle, 'GO').errors).toEqual(hangs);
    const restless = createMachine({
      options,
      context: { n: 0 },
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: { always: { actions: assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 }) } },
      },
    } as never);
    expect(ran(restless, 'GO').errors).toEqual(hangs);
  });

  it('regions that raise to one another hang, and so does an event that raises itself', () => {
    const regions = createMachine({
      options,
      type: 'parallel',
      states: {
        p: { on: { PING: { actions: raise({ type: 'PONG' } as never) } } },
        q: { on: { PONG: { actions: raise({ type: 'PING' } as never) } } },
      },
    } as never);
    expect(ran(regions, 'PING').errors).toEqual(hangs);
    const self = createMachine({
      options,
      on: { AGAIN: { actions: raise({ type: 'AGAIN' } as never) } },
    } as never);
    expect(ran(self, 'AGAIN').errors).toEqual(hangs);
  });

  it('a wildcard takes the timer of a state around it', () => {
    const machine = (wildcard: string) =>
      createMachine({
        initial: 'a',
        states: { a: { after: { 10: 'b' }, initial: 'x', states: { x: { on: { [wildcard]: {} } } } }, b: {} },
      } as never);
    const [hidden, plain] = ['*', 'user.*'].map((wildcard) => {
      const { clock, state } = ran(machine(wildcard));
      clock.increment(20);
      return state();
    });
    expect([hidden, plain]).toEqual([{ a: 'x' }, 'b']);
  });

  it('a star is a wildcard only alone or after the last dot', () => {
    const state = (descriptor: string, event: string) =>
      ran(
        createMachine({ initial: 'a', states: { a: { on: { [descriptor]: 'b' } }, b: {} } } as never),
        event,
      ).state();
    expect(state('mouse*', 'mouseup')).toBe('a');
    expect(state('user.*.saved', 'user.ada.saved')).toBe('a');
    expect(state('mouse.*', 'mouse.up')).toBe('b');
    expect(state('mouse.*', 'mouse')).toBe('b');
  });

  it('a target to the own state neither restarts a timer nor runs entry actions, unless it reenters', () => {
    const entries = (reenter: boolean) => {
      const entered: string[] = [];
      const machine = createMachine({
        initial: 'a',
        states: {
          a: {
            entry: () => void entered.push('a'),
            after: { 10: 'b' },
            on: { AGAIN: { target: 'a', reenter } },
          },
          b: {},
        },
      } as never);
      const { actor, clock, state } = ran(machine);
      clock.increment(8);
      actor.send({ type: 'AGAIN' });
      clock.increment(8);
      return [entered.length, state()];
    };
    expect(entries(false)).toEqual([1, 'b']);
    expect(entries(true)).toEqual([2, 'a']);
  });

  it('a delay that is not bound is none', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { after: { patience: 'b' } }, b: {} },
    } as never);
    const { clock, state } = ran(machine);
    clock.increment(0);
    expect(state()).toBe('b');
  });

  it('an event to an actor that does not exist throws', () => {
    const machine = createMachine({
      on: { TELL: { actions: sendTo('kid', { type: 'X' } as never) } },
    } as never);
    expect(ran(machine, 'TELL').errors).toEqual([
      expect.stringContaining("Unable to send event to actor 'kid'"),
    ]);
  });

  it('a failure without onError stops the machine', async () => {
    const machine = createMachine({
      invoke: { src: fromPromise(() => Promise.reject(new Error('no'))) },
    } as never);
    const { actor, errors } = ran(machine);
    await Promise.resolve().then(() => {});
    await Promise.resolve();
    expect(errors).toEqual(['no']);
    expect(actor.getSnapshot().status).toBe('error');
  });

  it('of two actors with one id, only the later gets events', () => {
    const got: string[] = [];
    const listener = (name: string) => fromCallback(({ receive }) => receive(() => void got.push(name)));
    const machine = createMachine({
      type: 'parallel',
      on: { TELL: { actions: sendTo('kid', { type: 'X' } as never) } },
      states: {
        p: { invoke: { src: listener('p'), id: 'kid' } },
        q: { invoke: { src: listener('q'), id: 'kid' } },
      },
    } as never);
    ran(machine, 'TELL');
    expect(got).toEqual(['q']);
  });

  it('of two states with one id, a target finds the last', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { GO: '#same' } }, b: { id: 'same' }, c: { id: 'same' } },
    } as never);
    expect(ran(machine, 'GO').state()).toBe('c');
  });

  it('a final state inside another takes events', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { initial: 'x', states: { x: { type: 'final', on: { BACK: 'y' } }, y: {} } } },
    } as never);
    expect(ran(machine, 'BACK').state()).toEqual({ a: 'y' });
  });
});
