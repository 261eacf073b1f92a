import { describe, expect, it } from 'vitest';
import type { ConfigTrigger } from '../../../src/statechart/source/machine-sources.ts';
import { type Files, placesOf } from './compare-modules.ts';

const imports = "import { createMachine, setup } from 'xstate';\n";

/** `machine.ts:3`, for a state by its keys or for a branch of one. */
const placeIn = async (
  files: Files,
  state: readonly string[],
  trigger: ConfigTrigger | null = null,
  branch = 0,
): Promise<string | null> => {
  const place = (await placesOf(files, 'machine')).placeOf('m', { state, trigger, branch });
  return place === null ? null : `${place.path}:${place.line}`;
};

describe('a state is found', () => {
  it.each<readonly [string, Files, string]>([
    [
      'among states of another file',
      {
        'machine.ts': `${imports}import { states } from './states.ts';\nexport const machine = createMachine({ initial: 'a', states });`,
        'states.ts': 'export const states = {\n  a: {},\n};',
      },
      'states.ts:2',
    ],
    [
      'behind a spread that nobody can follow',
      {
        'machine.ts': `${imports}declare const more: object;\nexport const machine = createMachine({ initial: 'a', states: {\n...more,\na: {} } });`,
      },
      'machine.ts:5',
    ],
    [
      'in a config that a function makes',
      {
        'machine.ts': `${imports}const make = (id: string) => createMachine({ id, initial: 'a', states: {\na: {} } });\nexport const machine = make('m');`,
      },
      'machine.ts:3',
    ],
    [
      'of setup under another name, behind a comment, with a key in quotes',
      {
        'machine.ts': `import { setup as prepare } from 'xstate';\nexport const machine = prepare({}).createMachine({ initial: 'a', states: {\n/** First. */\n'a': {} } });`,
      },
      'machine.ts:4',
    ],
    [
      'in the machine with its id, if the parser does not see which one is exported',
      {
        'machine.ts': `${imports}const all = [\ncreateMachine({ id: 'l', initial: 'a', states: { a: {} } }),\ncreateMachine({ id: 'm', initial: 'a', states: { a: {} } })];\nexport const machine = all.at(-1);`,
      },
      'machine.ts:4',
    ],
  ])('%s', async (_, files, place) => {
    expect(await placeIn(files, ['a'])).toBe(place);
  });

  it('where what is around it is written, if it is computed', async () => {
    const files = {
      'machine.ts': `${imports}export const machine = createMachine({ initial: 'a',\nstates: { a: {\n...inside() } } });\ndeclare const inside: () => object;`,
    };
    expect(await placeIn(files, ['a', 'b'])).toBe('machine.ts:3');
  });

  it('nowhere in a module without a machine', async () => {
    expect(await placeIn({ 'machine.ts': 'export const machine = 1;' }, [])).toBeNull();
  });
});

describe('a branch is found', () => {
  const files: Files = {
    'machine.ts': `${imports}import { toB } from './branches.ts';
export const machine = createMachine({ initial: 'a', states: {
  a: {
    on: {
      GO: [
        { guard: 'g', target: 'b' },
        ...toB,
      ],
      STOP:
        'b',
    },
    after: {
      1_000: 'b',
    },
    invoke: [
      { src: 'one' },
      {
        src: 'two',
        onError: 'b',
        onSnapshot: { actions: 'note' },
      },
    ],
  },
  b: {},
} });`,
    'branches.ts': "export const toB = [\n  { target: 'b' },\n];",
  };

  it.each<readonly [string, ConfigTrigger, number, string]>([
    ['of a list', { kind: 'event', key: 'GO' }, 0, 'machine.ts:7'],
    ['of a list in another file', { kind: 'event', key: 'GO' }, 1, 'branches.ts:2'],
    ['that stands alone, at its key', { kind: 'event', key: 'STOP' }, 0, 'machine.ts:10'],
    ['of a timer', { kind: 'after', key: '1000' }, 0, 'machine.ts:14'],
    ['of the actor at its position', { kind: 'invoke', key: 'error.1' }, 0, 'machine.ts:20'],
    ['of what an actor shows', { kind: 'invoke', key: 'snapshot.1' }, 0, 'machine.ts:21'],
    ['at its state, if there is none', { kind: 'always', key: '' }, 0, 'machine.ts:4'],
  ])('%s', async (_, trigger, branch, place) => {
    expect(await placeIn(files, ['a'], trigger, branch)).toBe(place);
  });
});

it('an id is found where it is given, also by a constant, and where XState makes it of keys, whichever machine it is of', async () => {
  const places = await placesOf({
    'machine.ts': `${imports}import { inner } from './inner.ts'; const own = 'own';
export const machine = setup({ actors: { inner } }).createMachine({ id: 'm', initial: 'a.b', states: {
  'a.b': { initial: 'c', states: {
    c: {},
    d: { id: own },
  } },
} });`,
    'inner.ts': `${imports}export const inner = createMachine({\n  initial: 'c',\n  states: { c: {} } });`,
  });
  const at = (id: string) => {
    const place = places.placeOfId(id);
    return place === null ? null : `${place.path}:${place.line}`;
  };
  expect(['m', 'm.a.b', 'm.a.b.c', 'own', '(machine).c', 'm.a.b.d', 'm.z'].map(at)).toEqual([
    'machine.ts:3',
    'machine.ts:4',
    'machine.ts:5',
    'machine.ts:6',
    'inner.ts:4',
    null,
    null,
  ]);
});
