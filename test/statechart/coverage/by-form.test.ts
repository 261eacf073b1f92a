import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, and, createMachine, raise } from 'xstate';
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
const branches = (...guards: readonly (string | object | null)[]) => ({
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

  it('is not a branch behind one whose guard has the same name and other params, or none of the two a name', () => {
    const above = (n: unknown) => ({ type: 'isAbove', params: n });
    expect(kindOf(branches(above({ n: 1 }), above({ n: 1 })), second)).toBe('sameGuardEarlier');
    expect(kindOf(branches(above({ n: 1 }), above({ n: 2 })), second)).toBeNull();
    expect(
      kindOf(
        branches(
          above(() => ({ n: 1 })),
          above(() => ({ n: 1 })),
        ),
        second,
      ),
    ).toBeNull();
    const nameless = () => [() => true][0]!;
    expect(kindOf(branches(nameless(), nameless()), second)).toBeNull();
    expect(kindOf(branches(and(['isA', nameless()]), and(['isA', nameless()])), second)).toBeNull();
  });

  it('is a branch behind a more exact descriptor without a guard, wherever the chart writes the two', () => {
    const chart = (...events: readonly string[]) => ({
      id: 'm',
      initial: 'a',
      states: { a: { on: Object.fromEntries(events.map((event) => [event, {}])) } },
    });
    for (const events of [
      ['*', 'go.*', 'go.on'],
      ['go.on', 'go.*', '*'],
    ]) {
      expect(kindOf(chart(...events), 'a · go.on · m.a/go.on/0')).toBeNull();
      expect(kindOf(chart(...events), 'a · go.on · m.a/go.*/0')).toBe('shadowed');
      expect(kindOf(chart(...events), 'a · go.on · m.a/*/0')).toBe('shadowed');
    }
  });

  it('is a timer of a state around, where a wildcard takes its event first', () => {
    const chart = (inside: object) => ({
      id: 'm',
      initial: 'a',
      states: { a: { initial: 'x', after: { 1000: 'b' }, states: { x: inside } }, b: {} },
    });
    const timer = 'a.x · xstate.after.1000.m.a · m.a/after:1000/0';
    expect(kindOf(chart({ on: { '*': {} } }), timer)).toBe('shadowed');
    expect(kindOf(chart({}), timer)).toBeNull();
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
