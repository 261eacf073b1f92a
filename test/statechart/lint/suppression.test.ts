import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { commentsIn } from '../../../src/statechart/lint/comments.ts';
import { type LintOptions, lint } from '../../../src/statechart/lint/lint.ts';
import { placesIn } from '../../../src/statechart/lint/places.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { WrittenPlaces } from '../../../src/statechart/source/written-places.ts';

/** Of a module that stands in no file. */
const writtenIn = (text: string) =>
  new WrittenPlaces(ts, { path: '/app/m.ts', exportName: undefined, root: '/app', text });

/** A machine whose state `b` is a dead end, with metadata there and at the transition to it. */
const machineWith = (ofState?: unknown, ofTransition?: unknown, ofRoot?: unknown) =>
  createMachine({
    id: 'm',
    initial: 'a',
    meta: ofRoot as never,
    states: {
      a: { on: { GO: [{ target: 'b', meta: ofTransition as never }, { target: 'a' }] } },
      b: { meta: ofState as never },
    },
  });

const found = (machine: ReturnType<typeof machineWith>, options?: LintOptions) =>
  lint(walk(machine), options).map(({ rule, severity, state }) => `${severity} ${rule} ${state}`);

const both = ['error transition-never-fires m.a', 'warning dead-end m.b'];

describe('what a rule weighs', () => {
  it('is what the rule says, unless it is set', () => {
    expect(found(machineWith())).toEqual(both);
    expect(
      found(machineWith(), { settings: { 'dead-end': 'error', 'transition-never-fires': 'off' } }),
    ).toEqual(['error dead-end m.b']);
  });
});

describe('a suppression in meta', () => {
  it('of a state covers that state, of a transition that branch, of the root all', () => {
    expect(found(machineWith({ lint: { 'dead-end': 'The process ends here.' } }))).toEqual([both[0]]);
    const kept = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          on: {
            GO: [
              { target: 'b' },
              { target: 'a', meta: { lint: { 'transition-never-fires': 'Kept for later.' } } },
            ],
          },
        },
        b: { on: { BACK: 'a' } },
      },
    });
    expect(found(kept as never)).toEqual([]);
    const all = { 'dead-end': 'An example.', 'transition-never-fires': 'An example.' };
    expect(found(machineWith(undefined, undefined, { lint: all }))).toEqual([]);
  });

  it('of one state covers no other', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b', END: 'c' } }, b: { meta: { lint: { 'dead-end': 'An end.' } } }, c: {} },
    });
    expect(found(machine as never)).toEqual(['warning dead-end m.c']);
  });

  it('without a reason covers what it covers, and is a finding', () => {
    expect(found(machineWith({ lint: { 'dead-end': '' } }))).toEqual([
      both[0],
      'warning suppression-without-reason m.b',
    ]);
    expect(found(machineWith({ lint: { 'dead-end': true } }))).toContain(
      'warning suppression-without-reason m.b',
    );
  });

  it('of what is not found, or of no rule, is a finding', () => {
    expect(found(machineWith({ lint: { 'always-loop': 'why' } }))).toEqual([
      ...both,
      'warning unused-suppression m.b',
    ]);
    expect(found(machineWith({ lint: { 'dead-and': 'why' } }))).toEqual([
      ...both,
      'warning unused-suppression m.b',
    ]);
    // What is off finds nothing, and says nothing about what would be found.
    expect(found(machineWith({ lint: { 'dead-end': 'why' } }), { settings: { 'dead-end': 'off' } })).toEqual([
      both[0],
    ]);
  });
});

const source = `import { createMachine } from 'xstate';
// raftchart-lint-disable transition-never-fires -- an example
const text = 'createMachine({ id: "m" }) // no comment';
export const machine = createMachine<Some<Type>>({
  id: 'm', initial: "a", guard: /[{'"/]/,
  states: {
    a: {
      on: {
        GO: [
          { target: 'b', actions: () => { if (1 < 2) { return [1, { b: 2 }]; } } },
          { target: 'a' },
        ],
      },
    },
    // raftchart-lint-disable-next-line dead-end
    'b': {},
  },
});
`;

describe('a comment', () => {
  const chart = walk(machineWith());
  const options = { comments: commentsIn(source, 'm.ts'), placeOf: placesIn(writtenIn(source), chart) };

  it('covers the next line, or the whole file', () => {
    expect(lint(chart, options).map(({ rule, place }) => [rule, place])).toEqual([
      ['suppression-without-reason', { path: 'm.ts', line: 15 }],
    ]);
  });

  it('is about the machine in whose lines it stands, where a module has several', () => {
    const text = `import { createMachine } from 'xstate';
export const m = createMachine({ id: 'm', initial: 'a', states: {
  a: { on: { GO: [{ target: 'b' }, { target: 'a' }] } },
  b: {},
} });
export const other = createMachine({ initial: 'end', states: {
  // raftchart-lint-disable-next-line dead-end -- it ends here
  end: {},
} });`;
    const placeOf = placesIn(writtenIn(text), chart);
    expect(lint(chart, { comments: commentsIn(text, 'm.ts'), placeOf })).toEqual(lint(chart, { placeOf }));
  });

  it('names several rules, and stands in a block as well', () => {
    expect(commentsIn('/* raftchart-lint-disable dead-end, always-loop -- both */', 'x.ts')).toEqual([
      { rule: 'dead-end', reason: 'both', place: { path: 'x.ts', line: 1 }, line: null },
      { rule: 'always-loop', reason: 'both', place: { path: 'x.ts', line: 1 }, line: null },
    ]);
  });
});

describe('the lines of a chart', () => {
  const placeOf = placesIn(writtenIn(source), walk(machineWith()));

  it('are those of the keys of states, and of branches', () => {
    expect(placeOf('m', null)?.line).toBe(4);
    expect(placeOf('m.a', null)?.line).toBe(7);
    expect(placeOf('m.a', 'm.a/GO/0')?.line).toBe(10);
    expect(placeOf('m.a', 'm.a/GO/1')?.line).toBe(11);
    expect(placeOf('m.b', null)?.line).toBe(16);
  });

  it('are found by the id of a state where there is no chart', () => {
    expect(writtenIn(source).placeOfId('m.a')).toEqual({ path: 'm.ts', line: 7 });
    expect(writtenIn(source).placeOfId('m')).toEqual({ path: 'm.ts', line: 4 });
    expect(writtenIn('export const machine = 1;').placeOfId('m')).toBeNull();
  });

  it('of always, after, onDone and invoke are those of their branches', () => {
    const text = `import { createMachine } from 'xstate'; export default createMachine({
      id: 'm', initial: 'a',
      states: {
        a: {
          always: { guard: 'g', target: 'b' },
          after: {
            soon: 'b',
          },
          invoke: [
            { src: 'one', id: 'one' },
            { src: 'two', id: 'two',
              onDone: 'b' },
          ],
        },
        b: {
          initial: 'x',
          onDone: 'a',
          states: { x: { type: 'final' } },
        },
      },
    });`;
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          always: { guard: 'g', target: 'b' },
          after: { soon: 'b' },
          invoke: [
            { src: 'one', id: 'one' },
            { src: 'two', id: 'two', onDone: 'b' },
          ] as never,
        },
        b: { initial: 'x', onDone: 'a', states: { x: { type: 'final' } } },
      },
    });
    const chart = walk(machine as never);
    const lines = chart.root.states.flatMap(({ id, transitions }) =>
      transitions.map((each) => placesIn(writtenIn(text), chart)(id, each.id)?.line),
    );
    expect(lines).toEqual([5, 12, 7, 17]);
  });
});
