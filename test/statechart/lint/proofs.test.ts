import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { Facts } from '../../../src/statechart/lint/facts.ts';
import {
  conjunction,
  disjunction,
  mayHold,
  negation,
  solutionOf,
  unknown,
} from '../../../src/statechart/lint/formula.ts';
import { formulaOfSource } from '../../../src/statechart/lint/guard-source.ts';
import { strangersIn } from '../../../src/statechart/lint/strangers.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { writtenOf } from '../../../src/statechart/read/written.ts';

const factsOf = (config: object): Facts => new Facts(walk(createMachine(config as never) as AnyStateMachine));

describe('what can happen in a chart', () => {
  it('includes the initial state of what a shallow history remembers, even where that was entered elsewhere', () => {
    const facts = factsOf({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          initial: 'one',
          on: { OUT: 'b' },
          states: {
            one: { on: { IN: 'two.deep' } },
            two: { initial: 'first', states: { first: {}, deep: {} } },
            past: { type: 'history' },
          },
        },
        b: { on: { BACK: 'a.past' } },
      },
    });
    expect(facts.canBeEntered(facts.state('m.a.two.first'))).toBe(true);
  });

  it('includes waiting where another region may hold the machine back', () => {
    const facts = (always: object | undefined) =>
      factsOf({
        id: 'm',
        type: 'parallel',
        states: {
          p: { initial: 'x', states: { x: { always: 'y', on: { E: 'y' } }, y: {} } },
          q: always === undefined ? {} : { always },
        },
      });
    const canWait = (each: Facts) => each.canRest(each.state('m.p.x'));
    expect(canWait(facts(undefined))).toBe(false);
    expect(canWait(facts({ target: '#m.q', reenter: true }))).toBe(true);
  });
});

describe('formulas', () => {
  const [g, h] = [unknown('g'), unknown('h')];

  it('hold for no values only if there are none', () => {
    expect(mayHold(conjunction([g, negation(g)]))).toBe(false);
    expect(mayHold(conjunction([g, negation(h)]))).toBe(true);
    expect(mayHold(negation(disjunction([g, negation(g)])))).toBe(false);
  });

  it('with too many variables may hold', () => {
    const many = Array.from({ length: 20 }, (_, at) => unknown(`g${at}`));
    expect(solutionOf(conjunction([...many, disjunction(many.map(negation))]))).toBe('tooMany');
  });

  it.each([
    ['({ context }) => context.n > 3', '({ context }) => context.n <= 3', false],
    ['({ context }) => context.n > 3', '({ context }) => context.n < 5', true],
    ['({ context }) => context.n > 3 && context.n < 5', '({ context: c }) => c.n === 4', true],
    ['({ context }) => context.n >= 3', 'function isLow({ context }) { return context.n < 3; }', false],
    ['(args) => args.context.user === null', '({ context }) => context.user !== null', false],
    ['({ context }) => !context.isOn', '({ context }) => context.isOn', false],
    ['({ context }) => !(context.isOn || context.isOld)', '({ context }) => context.isOld', false],
    ["({ event }) => event.kind === 'a'", '({ event }) => event.kind === "b"', false],
    ['({ context, event }) => event.n === -1', '({ event }) => 0 > event.n', true],
    ['({ context }) => context?.n < 1', '({ event }) => event.n > 1', true],
  ])('%s and %s: both hold for some value: %s', (one, other, may) => {
    const [first, second] = [one, other].map(formulaOfSource);
    expect(mayHold(conjunction([first!, second!]))).toBe(may);
  });

  it.each([
    '({ context }) => context.items.some(isOld)',
    '({ context }) => isOld(context)',
    '({ context }) => context.n + 1 > 3',
    '({ context }) => outer.n > 3',
    '({ context: { n } }) => n > 3',
    '({ context }) => { const n = 1; return context.n > n; }',
    'async ({ context }) => await context.n',
  ])('%s is not understood', (source) => {
    expect(formulaOfSource(source)).toBeNull();
  });
});

describe('what JSON does not have', () => {
  const strange = (value: unknown) =>
    strangersIn(writtenOf(value).text).map(({ path, what }) => `${path}: ${what}`);

  it('is found by its path', () => {
    expect(strange({ a: { list: [1, new Map([['k', 1n]])] }, b: new Date(0) })).toEqual([
      'a.list: a Map',
      'a.list: a BigInt',
      'b: a Date',
    ]);
  });

  it('is not found in texts, numbers, and fields that are undefined', () => {
    expect(
      strange({ text: 'Map {1n}, Date', quoted: 'a "b" function', n: -1.5e30, no: undefined, nothing: null }),
    ).toEqual([]);
  });
});
