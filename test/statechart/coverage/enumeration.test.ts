import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, raise } from 'xstate';
import { enumerate, type Space } from '../../../src/statechart/coverage/enumeration.ts';
import { exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import { pairId, universeOf } from '../../../src/statechart/coverage/universe.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { lampChart } from '../../verify/coverage/made-up-chart.ts';

/** A counter up to 3 that is told to go up, or to go up twice within one step. */
const counter: Space<number, 'up' | 'twice'> = {
  name: 'up to 3',
  beginning: 0,
  eventsOf: () => [
    { trigger: 'UP', event: 'up' },
    { trigger: 'TWICE', event: 'twice' },
  ],
  step: (count, event) => {
    if (count === 3) return { taken: [], unanswered: event === 'up' ? [] : ['full'], next: count };
    const next = count + (event === 'up' ? 1 : 2);
    const taken = event === 'up' ? [[`${count}`]] : [[`${count}`], [`${count + 1}`]];
    return { taken, unanswered: [], next: next > 3 ? null : next };
  },
  keyOf: String,
  placesOf: () => ['counting'],
};

describe('an enumeration', () => {
  it('visits every state once, gives it every event, and counts the step that leaves the bounds but not what follows', () => {
    const { extent, isComplete, taken, takenIn, lasts, pairs, given } = enumerate([counter]);
    expect(extent).toBe('up to 3: 4 states × 2 events');
    expect(isComplete).toBe(true);
    expect([...taken].sort()).toEqual(['0', '1', '2', '3', 'full']);
    expect(takenIn).toEqual([taken]);
    expect([...lasts].sort()).toEqual(['0', '1', '2', '3']);
    expect([...pairs]).toEqual(['0 → 1', '1 → 2', '2 → 3']);
    expect([...given]).toEqual(['counting · UP', 'counting · TWICE']);
  });

  it('ends where the chart fails, since that proves nothing', () => {
    const step = () => {
      throw new Error('a rule sees its own events');
    };
    expect(() => enumerate([{ ...counter, step }])).toThrow('a rule sees its own events');
  });

  it('puts several spaces together', () => {
    const short = { ...counter, name: 'from 2', beginning: 2 };
    const { extent, taken, takenIn } = enumerate([short, counter]);
    expect(extent).toBe('from 2: 2 states × 2 events; up to 3: 4 states × 2 events');
    expect(takenIn.map((items) => [...items].sort())).toEqual([
      ['2', '3', 'full'],
      ['0', '1', '2', '3', 'full'],
    ]);
    expect(taken).toEqual(takenIn[1]);
  });

  it('is not complete where a space has more states than the limit', () => {
    expect(enumerate([counter], 4).isComplete).toBe(true);
    expect(enumerate([counter], 3).isComplete).toBe(false);
  });
});

describe('exclusions by an enumeration', () => {
  const universe = universeOf(lampChart);
  const first = 'off · SHAKE · nothing enabled';
  const wet = 'off · always · lamp.off/always/0';

  /** What an enumeration of the lamp would have to tell. */
  const evidence = {
    extent: '2 states × 3 events',
    isComplete: true,
    taken: new Set([wet]),
    takenIn: [new Set([wet])],
    lasts: new Set<string>(),
    pairs: new Set<string>(),
    given: new Set(['off · SHAKE']),
  };
  const claims = [{ state: 'off', event: 'SHAKE', reason: 'nobody shakes a lamp that is off' }];

  it('believe a claim of what was given and never taken, and say what was enumerated', () => {
    const { items, problems } = exclusionsOf(universe, { claims, evidence });
    expect(problems).toEqual([]);
    expect(items.get(first)).toEqual({
      id: first,
      kind: 'gated',
      reason: 'nobody shakes a lamp that is off; enumerated: 2 states × 3 events',
    });
  });

  it('end with the first item of the claim that is taken, with what was never given, and with an enumeration cut short', () => {
    const others = [
      { ...evidence, taken: new Set([first]) },
      { ...evidence, given: new Set<string>() },
      { ...evidence, isComplete: false },
      null,
    ];
    const problems = others.map((each) => {
      const found = exclusionsOf(universe, { claims, evidence: each });
      expect(found.items.has(first)).toBe(false);
      return found.problems;
    });
    expect(problems).toEqual([
      [`claimed as gated, but ${first} was taken: off · SHAKE`],
      ['claimed as gated, but no such event was ever given: off · SHAKE'],
      ['claimed as gated, but the enumeration is not complete: 2 states × 3 events: off · SHAKE'],
      ['claimed as gated, but nothing was enumerated: off · SHAKE'],
    ]);
  });

  describe('of pairs', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      on: { HUSH: {}, HEARD: {} },
      states: {
        a: {
          always: { guard: 'isOver', target: 'b' },
          on: {
            GO: { actions: raise({ type: 'SAID' }) },
            SAID: [{ guard: 'isLoud' }, {}],
          },
        },
        b: {},
      },
    }) as unknown as AnyStateMachine;
    const chart = universeOf(walk(machine));
    const [go, loud, said, hush, heard, over] = [
      'a · GO · m.a/GO/0',
      'a · SAID · m.a/SAID/0',
      'a · SAID · m.a/SAID/1',
      'a · HUSH · m/HUSH/0',
      'a · HEARD · m/HEARD/0',
      'a · always · m.a/always/0',
    ] as const;
    const grounds = { inputs: new Set(['GO', 'HUSH']), notices: new Set(['HEARD']), claims: [] };

    const isExcluded = (
      [first, second]: readonly [first: string, second: string],
      seen: { readonly takenIn: readonly (readonly string[])[]; readonly pairs?: readonly string[] },
    ): boolean => {
      const takenIn = seen.takenIn.map((items) => new Set(items));
      const found = {
        ...evidence,
        taken: new Set(seen.takenIn.flat()),
        takenIn,
        lasts: new Set<string>(),
        pairs: new Set(seen.pairs ?? []),
      };
      const { pairs } = exclusionsOf(chart, { ...grounds, evidence: found });
      const kind = pairs.get(pairId(first, second))?.kind ?? null;
      expect([null, 'neverInStep']).toContain(kind);
      return kind !== null;
    };

    it('believe that what is raised never meets a branch only of a space that took both', () => {
      expect(isExcluded([go, loud], { takenIn: [[go, said, loud]] })).toBe(true);
      expect(isExcluded([go, loud], { takenIn: [[go, said], [loud]] })).toBe(false);
      expect(isExcluded([go, loud], { takenIn: [[go, loud]], pairs: [pairId(go, loud)] })).toBe(false);
    });

    it('believe it of an eventless transition wherever the first was taken, since it is asked after every step', () => {
      expect(isExcluded([hush, over], { takenIn: [[hush], [over]] })).toBe(true);
      expect(isExcluded([hush, over], { takenIn: [[over]] })).toBe(false);
    });

    it('believe it of a notice where its branch raised it in no state, in a space that had it to raise', () => {
      const [elsewhere, heardThere] = ['b · HUSH · m/HUSH/0', 'b · HEARD · m/HEARD/0'];
      const both = [hush, heard, elsewhere, heardThere];
      expect(isExcluded([hush, heard], { takenIn: [both] })).toBe(true);
      expect(isExcluded([hush, heard], { takenIn: [both], pairs: [pairId(elsewhere, heardThere)] })).toBe(
        false,
      );
      expect(isExcluded([hush, heard], { takenIn: [[hush], [heard, heardThere]] })).toBe(false);
      expect(isExcluded([hush, heard], { takenIn: [[hush, heardThere]] })).toBe(false);
    });

    it('take nothing from a first that only a notice has always followed: another space may have nothing to notice', () => {
      const takenIn = [[hush, heard, over]];
      expect(isExcluded([hush, hush], { takenIn, pairs: [pairId(hush, over)] })).toBe(true);
      expect(isExcluded([hush, hush], { takenIn, pairs: [pairId(hush, heard)] })).toBe(false);
    });
  });
});
