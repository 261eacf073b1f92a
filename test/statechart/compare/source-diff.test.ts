import { describe, expect, it } from 'vitest';
import type { ChartDiff } from '../../../src/statechart/compare/diff.ts';
import { isEmptyDiff } from '../../../src/statechart/compare/diff.ts';
import { diffToMarkdown, diffToText } from '../../../src/statechart/compare/diff-text.ts';
import { compareModules, type Files } from '../source/compare-modules.ts';

const machine = `
import { and, assign, cancel, fromPromise, raise, sendTo, setup, stateIn } from 'xstate';
import { limits } from './settings.ts';
import * as rules from './rules.ts';
import { tooManyRings } from './rules.ts';

/** A doorbell. */
export const bell = setup({
  types: { context: {} as { rings: number; owner: string }, events: {} as { type: 'RING' } | { type: 'PAUSE' } },
  guards: {
    isLoud: ({ context }) => rules.isLoud(context.rings),
    tooManyRings: ({ context }) => tooManyRings(context.rings),
    isBoth: and(['isLoud', 'tooManyRings']),
  },
  delays: { pause: ({ context }) => context.rings * limits.pauseMs },
  actors: { chime: fromPromise(async ({ input }: { input: number }) => input * 2) },
  actions: {
    count: assign({ rings: ({ context }) => context.rings + 1 }),
    announce: (_, params: { text: string }) => rules.say(params.text),
  },
}).createMachine({
  id: 'bell',
  context: () => ({ rings: 0, owner: rules.ownerName() }),
  output: ({ context }) => context.rings * 10,
  initial: 'silent',
  states: {
    silent: {
      entry: { type: 'announce', params: ({ context }) => ({ text: \`silent after \${context.rings}\` }) },
      on: {
        RING: [
          { guard: 'isLoud', target: 'ringing', actions: 'count' },
          { guard: ({ context }) => context.rings > 90, target: 'broken' },
          { guard: stateIn({ ringing: 'once' }), actions: cancel('echo') },
          { guard: 'tooManyRings', target: 'broken' },
        ],
        PAUSE: { guard: 'isBoth', actions: raise({ type: 'RING' }, { delay: 50, id: 'echo' }) },
      },
      after: { pause: 'ringing' },
    },
    ringing: {
      initial: 'once',
      states: { once: {} },
      invoke: {
        src: 'chime',
        id: 'chime',
        input: ({ context }) => context.rings + 100,
        onDone: { target: 'silent', actions: assign({ rings: ({ event }) => event.output + 7 }) },
      },
      on: { PAUSE: { actions: sendTo('chime', { type: 'STOP' }) } },
    },
    broken: { type: 'final' },
  },
});
`;

const files: Files = {
  'machine.ts': machine,
  'settings.ts': 'export const limits = { pauseMs: 20, loudness: 3, rings: 12 };\n',
  'rules.ts': `
import { limits } from './settings.ts';
import { atLeast } from './numbers.ts';

export const isLoud = (rings: number): boolean => atLeast(rings, limits.loudness);

export function tooManyRings(rings: number): boolean {
  return atLeast(rings, limits.rings);
}

export const say = (text: string): void => console.log(text);

export const ownerName = (): string => 'nobody';
`,
  'numbers.ts': `
/** A helper of helpers. */
export const atLeast = (value: number, least: number): boolean => !isLess(value, least);

const isLess = (value: number, other: number): boolean => value < other;
`,
};

const replaced = (path: string, from: string, to: string): Files => {
  if (!files[path]!.includes(from)) throw new Error(`expected ${from} in ${path}`);
  return { ...files, [path]: files[path]!.replace(from, () => to) };
};

const uses = (diff: ChartDiff): string => diffToText(diff, false);

describe('a changed definition', () => {
  it.each([
    [
      'the rule of a guard',
      'rules.ts',
      'atLeast(rings, limits.rings)',
      'false',
      'tooManyRings',
      '[tooManyRings]',
    ],
    [
      'the binding of a guard',
      'machine.ts',
      'rules.isLoud(context.rings)',
      '!rules.isLoud(context.rings)',
      'isLoud',
      '[isLoud]',
    ],
    [
      'a helper three calls deep',
      'numbers.ts',
      'value < other',
      'value <= other',
      'isLess',
      'guard tooManyRings, through atLeast',
    ],
    [
      'a constant that a rule reads',
      'settings.ts',
      'loudness: 3',
      'loudness: 4',
      'loudness',
      'silent: RING [isLoud]',
    ],
    [
      'a constant that a delay reads',
      'settings.ts',
      'pauseMs: 20',
      'pauseMs: 30',
      'pauseMs',
      'silent: after pause → ringing',
    ],
    [
      'a guard that another names',
      'rules.ts',
      'atLeast(rings, limits.rings)',
      'true',
      'tooManyRings',
      'silent: PAUSE [isBoth]',
    ],
    [
      'a delay',
      'machine.ts',
      'context.rings * limits',
      'context.rings + limits',
      'pause',
      'silent: after pause',
    ],
    ['an actor', 'machine.ts', 'input * 2', 'input * 3', 'chime', 'ringing: invoke'],
    ['an assign', 'machine.ts', 'context.rings + 1 })', 'context.rings + 2 })', 'count', '/ count → ringing'],
    ['what an action calls', 'rules.ts', 'console.log(text)', 'console.warn(text)', 'say', 'silent: entry'],
    ['what the context calls', 'rules.ts', "'nobody'", "'somebody'", 'ownerName', 'bell: context'],
  ])('is reported once, with its lines and its users: %s', async (_, path, from, to, name, user) => {
    const diff = await compareModules(files, replaced(path, from, to));
    expect(diff.sources.map((source) => source.name)).toEqual([name]);
    expect(diff.sources[0]!.after!.path).toBe(path);
    const changed = diff.sources[0]!.hunks.flatMap(({ lines }) => lines);
    expect(changed.some((line) => line.startsWith('-') && line.includes(from.split('\n')[0]!))).toBe(true);
    expect(changed.some((line) => line.startsWith('+') && line.includes(to))).toBe(true);
    expect(uses(diff)).toContain(user);
  });

  it.each([
    ['guard', 'context.rings > 90', 'context.rings > 80', 'guard', 'silent: RING [inline guard] → broken'],
    ['guard of XState', "ringing: 'once'", "ringing: 'twice'", 'guard', 'silent: RING'],
    ['id of a cancel', "cancel('echo')", "cancel('other')", 'action 0', 'silent: RING'],
    ['delay of a raise', 'delay: 50', 'delay: 60', 'action 0', 'silent: PAUSE [isBoth]'],
    ['event of a sendTo', "'STOP'", "'HALT'", 'action 0', 'ringing: PAUSE'],
    ['params', 'silent after', 'quiet after', 'entry 0 params', '~ silent: entry 1 params, machine.ts:'],
    [
      'input of an invoke',
      'context.rings + 100',
      'context.rings + 200',
      'invoke 0 input',
      '~ ringing: invoke 1 input, machine.ts:',
    ],
    [
      'assign',
      'event.output + 7',
      'event.output + 8',
      'action 0',
      'assign(rings) → silent, action 1, machine.ts:',
    ],
    ['output', 'context.rings * 10', 'context.rings * 20', 'output', 'bell: output'],
    ['context', 'rings: 0, owner', 'rings: 1, owner', 'context', 'bell: context'],
  ])('in the config is reported at its place: %s', async (_, from, to, part, place) => {
    const diff = await compareModules(files, replaced('machine.ts', from, to));
    expect(diff.sources).toHaveLength(1);
    const [source] = diff.sources;
    expect(source!.users.flatMap((user) => user.uses.map((use) => use.part))).toEqual([part]);
    expect(
      source!.hunks.flatMap(({ lines }) => lines).some((line) => line[0] === '+' && line.includes(to)),
    ).toBe(true);
    expect(uses(diff)).toContain(place);
  });

  it('is told apart where two inline guards change places', async () => {
    const two = (first: string, second: string): Files => ({
      'machine.ts': `
import { createMachine } from 'xstate';
export const light = createMachine({
  initial: 'off',
  states: {
    off: { on: { PRESS: [{ guard: ${first}, target: 'on' }, { guard: ${second}, target: 'off' }] } },
    on: {},
  },
});
`,
    });
    const diff = await compareModules(two('() => 1 > 2', '() => 3 > 4'), two('() => 3 > 4', '() => 1 > 2'));
    expect(diff.sources).toHaveLength(2);
  });

  it('is not reported where a branch before it is new', async () => {
    const after = replaced(
      'machine.ts',
      "{ guard: 'isLoud', target",
      "{ guard: 'isBoth', target: 'broken' },\n          { guard: 'isLoud', target",
    );
    const diff = await compareModules(files, after);
    expect(diff.transitions).not.toEqual([]);
    expect(diff.sources).toEqual([]);
  });

  it('is reported where a loop has its condition in another place', async () => {
    const withLoop = (head: string): Files => ({
      ...files,
      'rules.ts': files['rules.ts']!.replace(
        /(isLoud = \(rings: number\): boolean => )[^;]*;/,
        `$1{ for (${head}) return true; return false; };`,
      ),
    });
    const { sources } = await compareModules(withLoop('; rings;'), withLoop('rings; ;'));
    expect(sources.map(({ name }) => name)).toEqual(['isLoud']);
  });

  it('shows what a rule newly calls', async () => {
    const after = {
      ...replaced('rules.ts', 'atLeast(rings, limits.rings)', 'isMoreThan(rings, limits.rings)'),
    };
    const rules = `${after['rules.ts']}\nconst isMoreThan = (value: number, other: number) => value > other;\n`;
    const diff = await compareModules(files, { ...after, 'rules.ts': rules });
    expect(diff.sources.map(({ change, name }) => `${change} ${name}`)).toEqual([
      'changed tooManyRings',
      'added isMoreThan',
    ]);
  });

  it('reads as one that reviews code, in text and as Markdown', async () => {
    const diff = await compareModules(files, replaced('numbers.ts', 'value < other', 'value <= other'));
    const lines = [
      '~ isLess, numbers.ts:5',
      '    - const isLess = (value: number, other: number): boolean => value < other;',
      '    + const isLess = (value: number, other: number): boolean => value <= other;',
      '  used by:',
      '    guard isLoud, through atLeast',
      '    guard tooManyRings, through atLeast',
      '    guard isBoth, through isLoud, atLeast',
      '    silent: RING [isLoud] / count → ringing',
      '    silent: RING [tooManyRings] → broken',
      '    silent: PAUSE [isBoth] / raise(RING)',
    ];
    expect(diffToText(diff, false)).toBe(
      `${['Definitions', ...lines.map((line) => `  ${line}`), '', '1 definition changed.'].join('\n')}\n`,
    );
    expect(diffToMarkdown(diff)).toContain('!   isLess, numbers.ts:5\n-       const isLess');
  });
});

describe('no difference is reported', () => {
  const everywhere = (rewrite: (text: string) => string): Files =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [path, rewrite(text)]));

  it.each<readonly [string, Files]>([
    ['of comments', everywhere((text) => text.replaceAll('\n', '\n// Said aloud.\n'))],
    [
      'of line breaks and indentation',
      everywhere((text) => text.replaceAll('=> ', '=>\n\t\t').replaceAll(', ', ',\n  ')),
    ],
    [
      'of quotes and parentheses',
      everywhere((text) =>
        text.replace(/'([^']*)'/g, '"$1"').replaceAll('context.rings + 1 ', '(context.rings + 1) '),
      ),
    ],
    [
      'of types',
      everywhere((text) =>
        text.replaceAll(': number', ': unknown as never'.slice(0, 9)).replaceAll('): boolean', ')'),
      ),
    ],
    [
      'of the order of definitions',
      replaced(
        'machine.ts',
        machine.slice(machine.indexOf('    isLoud:'), machine.indexOf('    isBoth')),
        '    tooManyRings: ({ context }) => tooManyRings(context.rings),\n    isLoud: ({ context }) => rules.isLoud(context.rings),\n',
      ),
    ],
    [
      'of a helper with another name',
      { ...files, 'numbers.ts': files['numbers.ts']!.replaceAll('isLess', 'isSmaller') },
    ],
    [
      'of a file with another name',
      {
        ...files,
        'numbers.ts': '',
        'arithmetic.ts': files['numbers.ts']!,
        'rules.ts': files['rules.ts']!.replace('./numbers.ts', './arithmetic.ts'),
      },
    ],
    [
      'of how a function is exported',
      {
        ...files,
        'rules.ts': `${files['rules.ts']!.replace('export function', 'function')}export { tooManyRings };\n`,
      },
    ],
    [
      'of what nothing in the machine uses',
      { ...files, 'rules.ts': `${files['rules.ts']}export const unused = 1;\n` },
    ],
  ])('%s', async (_, after) => {
    const diff = await compareModules(files, after);
    expect(diffToText(diff, false)).toBe('No difference.\n');
    expect(isEmptyDiff(diff)).toBe(true);
  });
});
