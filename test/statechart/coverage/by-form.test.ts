import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, raise } from 'xstate';
import { type ExclusionKind, exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import { universeOf } from '../../../src/statechart/coverage/universe.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const kindOf = (config: object, id: string): ExclusionKind | null => {
  const machine = createMachine(config as never) as unknown as AnyStateMachine;
  const universe = universeOf(walk(machine));
  const { items, pairs } = exclusionsOf(universe, {
    inputs: new Set(['GO']),
    claims: [],
    evidence: null,
  });
  expect([...universe.items, ...universe.pairs].map((each) => each.id)).toContain(id);
  return (items.get(id) ?? pairs.get(id))?.kind ?? null;
};

const second = 'a · GO · m.a/GO/1';
const branches = (...guards: readonly (string | null)[]) => ({
  id: 'm',
  initial: 'a',
  states: { a: { on: { GO: guards.map((guard) => (guard === null ? {} : { guard })) } } },
});

describe('what the form of a chart excludes', () => {
  it('is a branch behind one without a guard, until that gets a guard', () => {
    expect(kindOf(branches(null, 'isB'), second)).toBe('shadowed');
    expect(kindOf(branches('isA', 'isB'), second)).toBeNull();
  });

  it('is a branch behind one with the same guard, until that asks another one', () => {
    expect(kindOf(branches('isB', 'isB'), second)).toBe('sameGuardEarlier');
    expect(kindOf(branches('isA', 'isB'), second)).toBeNull();
  });

  it('is a timer of a state that is not active, until the timer is that of a state around', () => {
    const timer = { after: { 1000: {} } };
    const inside = { id: 'm', initial: 'a', states: { a: {}, b: timer } };
    const around = { ...inside, ...timer, states: { a: {}, b: {} } };
    const nothing = (owner: string) => `a · xstate.after.1000.${owner} · nothing enabled`;
    expect(kindOf(inside, nothing('m.b'))).toBe('timerNotArmed');
    expect(kindOf(around, 'a · xstate.after.1000.m · m/after:1000/0')).toBeNull();
  });

  it('is what comes from outside behind a branch that raises, and what is raised behind one that raises nothing', () => {
    const chart = (actions: object) => ({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: { actions }, SAID: {} } } },
    });
    const raising = chart([raise({ type: 'SAID' })]);
    const silent = chart([]);
    const again = 'a · GO · m.a/GO/0 → a · GO · m.a/GO/0';
    const said = 'a · GO · m.a/GO/0 → a · SAID · m.a/SAID/0';
    expect(kindOf(raising, again)).toBe('raisesFirst');
    expect(kindOf(silent, again)).toBeNull();
    expect(kindOf(silent, said)).toBe('notRaised');
    expect(kindOf(raising, said)).toBeNull();
  });
});
