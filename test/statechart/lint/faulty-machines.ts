import type { AnyStateMachine } from 'xstate';
import { and, assign, cancel, createMachine, fromPromise, not, or, raise, sendTo, setup } from 'xstate';

/** A machine with one fault, the same without, and where the rule finds it. */
export interface RuleCase {
  readonly rule: string;
  readonly fault: string;
  /** The id of the transition, or of the state where the rule is about a state. */
  readonly at: string;
  readonly failing: () => AnyStateMachine;
  readonly passing: () => AnyStateMachine;
}

type Config = Parameters<typeof createMachine>[0];

const make = (config: Config) => (): AnyStateMachine => createMachine(config);
const made = (config: Config, bound: object) => (): AnyStateMachine =>
  createMachine(config).provide(bound as never) as AnyStateMachine;

/** Two states that lead to one another, with something in the first. */
const pair = (first: object, second: object = {}): Config =>
  ({
    id: 'm',
    initial: 'a',
    states: { a: { on: { GO: 'b' }, ...first }, b: { on: { BACK: 'a' }, ...second } },
  }) as Config;

const child = createMachine({
  id: 'child',
  initial: 'on',
  states: { on: { on: { KNOWN: 'off' } }, off: { on: { KNOWN: 'on' } } },
});

export const ruleCases: readonly RuleCase[] = [
  {
    rule: 'unreachable-state',
    fault: 'a state that no transition targets',
    at: 'm.b',
    failing: make({ id: 'm', initial: 'a', states: { a: { on: { GO: {} } }, b: { on: { BACK: 'a' } } } }),
    passing: make(pair({})),
  },
  {
    rule: 'unreachable-state',
    fault: 'a state that only a shadowed branch targets',
    at: 'm.c',
    failing: make({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: [{ target: 'b' }, { target: 'c' }] } },
        b: { on: { BACK: 'a' } },
        c: { on: { BACK: 'a' } },
      },
    }),
    passing: make({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'g', target: 'b' }, { target: 'c' }] } },
        b: { on: { BACK: 'a' } },
        c: { on: { BACK: 'a' } },
      },
    }),
  },
  {
    rule: 'unreachable-state',
    fault: 'a history state that nothing targets',
    at: 'm.a.past',
    failing: make(
      pair({
        initial: 'x',
        states: { x: { on: { N: 'y' } }, y: { on: { N: 'x' } }, past: { type: 'history' } },
      }),
    ),
    passing: make(
      pair(
        { initial: 'x', states: { x: { on: { N: 'y' } }, y: { on: { N: 'x' } }, past: { type: 'history' } } },
        { on: { BACK: 'a.past' } },
      ),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: 'a branch behind one without a guard',
    at: 'm.a/GO/1',
    failing: make(pair({ on: { GO: [{ target: 'b' }, { guard: 'g', target: 'b' }] } })),
    passing: make(pair({ on: { GO: [{ guard: 'g', target: 'b' }, { target: 'b' }] } })),
  },
  {
    rule: 'transition-never-fires',
    fault: 'a branch that asks what an earlier one asked',
    at: 'm.a/GO/1',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: { type: 'g', params: { n: 1 } }, target: 'b' },
            { guard: { type: 'g', params: { n: 1 } }, target: 'b' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: { type: 'g', params: { n: 1 } }, target: 'b' },
            { guard: { type: 'g', params: { n: 2 } }, target: 'b' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: 'a branch behind g and not(g)',
    at: 'm.a/GO/2',
    failing: make(
      pair({ on: { GO: [{ guard: 'g', target: 'b' }, { guard: not('g'), target: 'b' }, { actions: 'x' }] } }),
    ),
    passing: make(
      pair({ on: { GO: [{ guard: 'g', target: 'b' }, { guard: not('h'), target: 'b' }, { actions: 'x' }] } }),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: 'a guard that is a part of an earlier one',
    at: 'm.a/GO/1',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: or(['g', 'h']), target: 'b' },
            { guard: and(['g', 'k']), target: 'b' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: and(['g', 'k']), target: 'b' },
            { guard: or(['g', 'h']), target: 'b' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: 'a number that an earlier comparison takes',
    at: 'm.a/GO/1',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n > 5, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n > 10, target: 'b' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n > 10, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n > 5, target: 'b' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: "a parent's event that each state inside takes",
    at: 'm/E/0',
    failing: make({
      ...pair({ on: { GO: 'b', E: {} } }, { on: { BACK: 'a', E: {} } }),
      on: { E: '.a' },
    } as Config),
    passing: make({ ...pair({ on: { GO: 'b', E: {} } }), on: { E: '.a' } } as Config),
  },
  {
    rule: 'transition-never-fires',
    fault: "a parent's event that each state inside forbids",
    at: 'm/E/0',
    failing: make({
      ...pair({ on: { GO: 'b', E: undefined } }, { on: { '*': undefined, BACK: 'a' } }),
      on: { E: '.a' },
    } as Config),
    passing: make({
      ...pair({ on: { GO: 'b', E: undefined } }, { on: { 'F.*': undefined, BACK: 'a' } }),
      on: { E: '.a' },
    } as Config),
  },
  {
    rule: 'transition-never-fires',
    fault: "a parallel state's event that one region always takes",
    at: 'm/E/0',
    failing: make({
      id: 'm',
      type: 'parallel',
      on: { E: { actions: 'x' } },
      states: { p: { on: { E: { actions: 'y' } } }, q: {} },
    }),
    passing: make({
      id: 'm',
      type: 'parallel',
      on: { E: { actions: 'x' } },
      states: { p: { on: { E: { guard: 'g', actions: 'y' } } }, q: {} },
    }),
  },
  {
    rule: 'transition-never-fires',
    fault: 'an event in a state that always leaves at once',
    at: 'm.b/BACK/0',
    failing: make({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'a', on: { BACK: 'a' } } },
    }),
    passing: make({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: { guard: 'g', target: 'a' }, on: { BACK: 'a' } } },
    }),
  },
  {
    rule: 'transition-never-fires',
    fault: 'onDone of a state without a final state',
    at: 'm.a/done:m.a/0',
    failing: make(pair({ initial: 'x', states: { x: {} }, onDone: 'b' })),
    passing: make(
      pair({ initial: 'x', states: { x: { on: { N: 'y' } }, y: { type: 'final' } }, onDone: 'b' }),
    ),
  },
  {
    rule: 'transition-never-fires',
    fault: 'onDone of a parallel state of which one region never ends',
    at: 'm.a/done:m.a/0',
    failing: make(
      pair({
        type: 'parallel',
        states: { p: { initial: 'x', states: { x: { type: 'final' } } }, q: {} },
        onDone: 'b',
      }),
    ),
    passing: make(
      pair({
        type: 'parallel',
        states: { p: { initial: 'x', states: { x: { type: 'final' } } }, q: { type: 'final' } },
        onDone: 'b',
      }),
    ),
  },
  {
    rule: 'missing-target',
    fault: 'a target that is no state beside the source',
    at: 'm.a',
    failing: make(pair({ on: { GO: 'nowhere' } })),
    passing: make(pair({})),
  },
  {
    rule: 'missing-target',
    fault: 'an id that no state has',
    at: 'm',
    failing: make(pair({ on: { GO: '#nowhere' } })),
    passing: make(pair({})),
  },
  {
    rule: 'missing-target',
    fault: 'a target of the root that is no state inside it',
    at: '',
    failing: make({ ...pair({}), on: { E: 'a' } } as Config),
    passing: make({ ...pair({}), on: { E: '.a' } } as Config),
  },
  {
    rule: 'initial-missing',
    fault: 'states without an initial one',
    at: 'm.a',
    failing: make(pair({ states: { x: {} } })),
    passing: make(pair({ initial: 'x', states: { x: {} } })),
  },
  {
    rule: 'initial-missing',
    fault: 'an initial state that does not exist',
    at: 'm.a',
    failing: make(pair({ initial: 'y', states: { x: {} } })),
    passing: make(pair({ initial: 'x', states: { x: {} } })),
  },
  {
    rule: 'duplicate-id',
    fault: 'one id for two states',
    at: 'same',
    failing: make(pair({ id: 'same' }, { id: 'same' })),
    passing: make(pair({ id: 'same' }, { id: 'other' })),
  },
  {
    rule: 'dead-end',
    fault: 'a state without a way out',
    at: 'm.b',
    failing: make({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } }),
    passing: make({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, b: { type: 'final' } } }),
  },
  {
    rule: 'final-with-transitions',
    fault: 'a final state with an event',
    at: 'm.b',
    failing: make({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { type: 'final', on: { BACK: 'a' } } },
    }),
    passing: make({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { type: 'final', entry: 'x' } },
    }),
  },
  {
    rule: 'overlapping-guards',
    fault: 'two ranges that have numbers in common',
    at: 'm.a/GO/1',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n < 10, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n > 5, actions: 'x' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n < 10, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n >= 10, actions: 'x' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'guard-hole',
    fault: 'two ranges that leave out the number between them',
    at: 'm.a/GO/0',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n < 5, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n > 5, actions: 'x' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n < 5, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n >= 5, actions: 'x' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'guard-hole',
    fault: 'two ranges with whole numbers between them',
    at: 'm.a/GO/0',
    failing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n <= 3, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n >= 6, actions: 'x' },
          ],
        },
      }),
    ),
    passing: make(
      pair({
        on: {
          GO: [
            { guard: ({ context }: { context: { n: number } }) => context.n <= 3, target: 'b' },
            { guard: ({ context }: { context: { n: number } }) => context.n >= 4, actions: 'x' },
          ],
        },
      }),
    ),
  },
  {
    rule: 'guard-hole',
    fault: 'a state that only a guarded always transition leaves',
    at: 'm.b/always/0',
    failing: make({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: { guard: 'g', target: 'a' } } },
    }),
    passing: make({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: {
          always: [
            { guard: 'g', target: 'a' },
            { guard: not('g'), target: 'a', actions: 'x' },
          ],
        },
      },
    }),
  },
  {
    rule: 'constant-guard',
    fault: 'a guard that is always true',
    at: 'm.a/GO/0',
    failing: make(pair({ on: { GO: { guard: () => true, target: 'b' } } })),
    passing: make(pair({ on: { GO: { guard: () => Math.random() > 0.5, target: 'b' } } })),
  },
  {
    rule: 'always-loop',
    fault: 'two states that always lead to one another',
    at: 'm.a/always/0',
    failing: make({ id: 'm', initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } }),
    passing: make({ id: 'm', initial: 'a', states: { a: { always: 'b' }, b: { on: { BACK: 'a' } } } }),
  },
  {
    rule: 'always-loop',
    fault: 'guards that nothing on the way changes',
    at: 'm.a/always/0',
    failing: make(pair({ always: { guard: 'g', target: 'b' } }, { always: { guard: 'h', target: 'a' } })),
    passing: make(
      pair({ always: { guard: 'g', target: 'b' } }, { always: { guard: not('g'), target: 'a' } }),
    ),
  },
  {
    rule: 'always-loop',
    fault: 'an always transition that counts for ever',
    at: 'm.a/always/0',
    failing: make(pair({ always: { actions: assign({ n: 1 }) } })),
    passing: make(pair({ always: { guard: 'isLow', actions: assign({ n: 1 }) } })),
  },
  {
    rule: 'regions-raise-in-circles',
    fault: 'two regions that raise events to one another',
    at: 'm.p/PING/0',
    failing: make({
      id: 'm',
      type: 'parallel',
      states: {
        p: { on: { PING: { actions: raise({ type: 'PONG' }) } } },
        q: { on: { PONG: { actions: raise({ type: 'PING' }) } } },
      },
    }),
    passing: make({
      id: 'm',
      type: 'parallel',
      states: {
        p: {
          initial: 'x',
          states: {
            x: { on: { PING: { target: 'y', actions: raise({ type: 'PONG' }) } } },
            y: { on: { RESET: 'x' } },
          },
        },
        q: { on: { PONG: { actions: raise({ type: 'PING' }) } } },
      },
    }),
  },
  {
    rule: 'raise-loop',
    fault: 'a transition that raises its own event',
    at: 'm.a/AGAIN/0',
    failing: make(pair({ on: { GO: 'b', AGAIN: { actions: raise({ type: 'AGAIN' }) } } })),
    passing: make(
      pair({ on: { GO: 'b', AGAIN: { actions: raise({ type: 'AGAIN' }, { delay: 'pause' as never }) } } }),
    ),
  },
  {
    rule: 'unhandled-event',
    fault: 'a raised event without a handler',
    at: 'm.a',
    failing: make(pair({ entry: raise({ type: 'NOBODY' }) })),
    passing: make(pair({ entry: raise({ type: 'GO' }) })),
  },
  {
    rule: 'unhandled-event',
    fault: 'an event to a machine that does not handle it',
    at: 'm.a/TELL/0',
    failing: make(
      pair({
        invoke: { src: child, id: 'kid' },
        on: { GO: 'b', TELL: { actions: sendTo('kid', { type: 'UNKNOWN' }) } },
      }),
    ),
    passing: make(
      pair({
        invoke: { src: child, id: 'kid' },
        on: { GO: 'b', TELL: { actions: sendTo('kid', { type: 'KNOWN' }) } },
      }),
    ),
  },
  {
    rule: 'bad-wildcard',
    fault: 'a star right behind a name',
    at: 'm.a/mouse*/0',
    failing: make(pair({ on: { GO: 'b', 'mouse*': 'b' } })),
    passing: make(pair({ on: { GO: 'b', 'mouse.*': 'b' } })),
  },
  {
    rule: 'wildcard-hides',
    fault: 'a wildcard inside a state with a timer',
    at: 'm.a.x/*/0',
    failing: make(
      pair({
        initial: 'x',
        after: { patience: 'b' },
        states: { x: { on: { N: 'y', '*': {} } }, y: { on: { N: 'x' } } },
      }),
    ),
    passing: make(
      pair({
        initial: 'x',
        after: { patience: 'b' },
        states: { x: { on: { N: 'y', 'user.*': {} } }, y: { on: { N: 'x' } } },
      }),
    ),
  },
  {
    rule: 'unnamed-delay',
    fault: 'a timer by a number',
    at: 'm.a/after:1000/0',
    failing: make(pair({ after: { 1000: 'b' } })),
    passing: make(pair({ after: { patience: 'b' } })),
  },
  {
    rule: 'delay-too-long',
    fault: 'a timer of a year',
    at: 'm.a/after:31536000000/0',
    failing: make(pair({ after: { 31536000000: 'b' } })),
    passing: make(pair({ after: { 86400000: 'b' } })),
  },
  {
    rule: 'late-timer',
    fault: 'a timer behind a shorter one that always leaves',
    at: 'm.a/after:2000/0',
    failing: make(pair({ after: { 1000: 'b', 2000: 'b' } })),
    passing: make(pair({ after: { 1000: { guard: 'g', target: 'b' }, 2000: 'b' } })),
  },
  {
    rule: 'reenter-trap',
    fault: 'a target to itself in a state with a timer',
    at: 'm.a/AGAIN/0',
    failing: make(pair({ after: { patience: 'b' }, on: { GO: 'b', AGAIN: 'a' } })),
    passing: make(pair({ after: { patience: 'b' }, on: { GO: 'b', AGAIN: { target: 'a', reenter: true } } })),
  },
  {
    rule: 'timer-not-restarted',
    fault: 'a target inside a state with a timer',
    at: 'm.a/SEEN/0',
    failing: make(
      pair({
        initial: 'x',
        after: { patience: 'b' },
        on: { GO: 'b', SEEN: '.x' },
        states: { x: { on: { N: 'y' } }, y: {} },
      }),
    ),
    passing: make(
      pair({
        initial: 'x',
        after: { patience: 'b' },
        on: { GO: 'b', SEEN: { target: '.x', reenter: true } },
        states: { x: { on: { N: 'y' } }, y: {} },
      }),
    ),
  },
  {
    rule: 'invoke-without-onerror',
    fault: 'a promise whose failure nobody handles',
    at: 'm.a',
    failing: made(pair({ invoke: { src: 'load', onDone: 'b' } }), {
      actors: { load: fromPromise(async () => 1) },
    }),
    passing: made(pair({ invoke: { src: 'load', onDone: 'b', onError: 'b' } }), {
      actors: { load: fromPromise(async () => 1) },
    }),
  },
  {
    rule: 'never-done',
    fault: 'onDone of a machine without a final state',
    at: 'm.a/invoke:done.kid/0',
    failing: make(pair({ invoke: { src: child, id: 'kid', onDone: 'b' } })),
    passing: make(
      pair({
        invoke: {
          src: createMachine({ id: 'short', initial: 'end', states: { end: { type: 'final' } } }),
          id: 'kid',
          onDone: 'b',
        },
      }),
    ),
  },
  {
    rule: 'duplicate-invoke-id',
    fault: 'one id for the actors of two regions',
    at: 'm.q',
    failing: make({
      id: 'm',
      type: 'parallel',
      states: { p: { invoke: { src: child, id: 'kid' } }, q: { invoke: { src: child, id: 'kid' } } },
    }),
    passing: make(pair({ invoke: { src: child, id: 'kid' } }, { invoke: { src: child, id: 'kid' } })),
  },
  {
    rule: 'unknown-actor',
    fault: 'an event to an actor that is never invoked',
    at: 'm.a/TELL/0',
    failing: make(pair({ on: { GO: 'b', TELL: { actions: sendTo('kid', { type: 'KNOWN' }) } } })),
    passing: make(
      pair({
        invoke: { src: child, id: 'kid' },
        on: { GO: 'b', TELL: { actions: sendTo('kid', { type: 'KNOWN' }) } },
      }),
    ),
  },
  {
    rule: 'unknown-send-id',
    fault: 'a cancel of an id that nothing is sent with',
    at: 'm.a',
    failing: make(
      pair({ entry: raise({ type: 'GO' }, { delay: 'soon' as never, id: 'timer' }), exit: cancel('tmier') }),
    ),
    passing: make(
      pair({ entry: raise({ type: 'GO' }, { delay: 'soon' as never, id: 'timer' }), exit: cancel('timer') }),
    ),
  },
  {
    rule: 'unbound-name',
    fault: 'a delay that is not among those of setup',
    at: 'm.a/after:patience/0',
    failing: made(pair({ entry: 'x', after: { patience: 'b' } }), { actions: { x: () => {} } }),
    passing: made(pair({ entry: 'x', after: { patience: 'b' } }), {
      actions: { x: () => {} },
      delays: { patience: 5 },
    }),
  },
  {
    rule: 'unused-binding',
    fault: 'a guard of setup that the chart never asks',
    at: 'm',
    failing: () =>
      setup({ guards: { isIdle: () => Math.random() > 0.5 } }).createMachine(
        pair({}) as never,
      ) as unknown as AnyStateMachine,
    passing: () =>
      setup({ guards: { isIdle: () => Math.random() > 0.5 } }).createMachine(
        pair({ on: { GO: { guard: not('isIdle'), target: 'b' } } }) as never,
      ) as unknown as AnyStateMachine,
  },
  {
    rule: 'non-serializable-context',
    fault: 'a Map in the context',
    at: 'm',
    failing: make({ ...pair({}), context: { seen: new Map() } } as Config),
    passing: make({ ...pair({}), context: { seen: [], user: undefined } } as Config),
  },
  {
    rule: 'non-serializable-context',
    fault: 'a Date in the context that each actor gets',
    at: 'm',
    failing: make({ ...pair({}), context: () => ({ since: new Date() }) } as Config),
    passing: make({ ...pair({}), context: () => ({ since: new Date().toISOString() }) } as Config),
  },
];
