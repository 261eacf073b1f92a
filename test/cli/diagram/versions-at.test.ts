import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { versionsAt } from '../../../src/cli/diagram/versions-at.ts';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffToText } from '../../../src/statechart/compare/diff-text.ts';
import { type Files, projectOf, removeProjects } from '../machine/module-folder.ts';

removeProjects();

/** What is told of two versions of `at` in a project, each version a file outside of it. */
const compared = async (at: string, before: string, after: string, project: Files = {}): Promise<string> => {
  const folder = projectOf(project);
  const elsewhere = projectOf({ 'old/a': before, 'new/a': after }, []);
  try {
    const found = await versionsAt(join(folder, at), join(elsewhere, 'old/a'), join(elsewhere, 'new/a'), {
      loadTimeout: 60_000,
      verbose: false,
    });
    if ('line' in found) return found.line.replaceAll(`${folder}/`, '');
    const { old, now } = found;
    return diffToText(diffCharts(old.chart, now.chart, { before: old.sources!, after: now.sources! }), false);
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message.replaceAll(`${folder}/`, '')}`;
  }
};

const door = (event: string, before = '', guard = 'isFree') =>
  `import { createMachine } from 'xstate';\n${before}\nexport const door = createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { ${event}: { target: 'wide', guard: '${guard}' } } }, wide: {} } });\n`;
const isOpened = /^ {2}- shut: OPEN \[isFree\] → wide\n {2}\+ shut: PUSH \[isFree\] → wide$/m;

describe('two versions of a file, loaded as if they stood there', () => {
  it.each([
    ['a module of TypeScript that does not exist any more', 'src/door.machine.ts', ''],
    [
      'one that imports neighbours, by a path of tsconfig.json as well, and is imported by one',
      'src/door.machine.ts',
      "import { size } from './size'; import { size as same } from '@/size'; import { nameOf } from './round.ts'; export const doorName = 'd'; if (size !== same) throw new Error('x'); setTimeout(nameOf);",
    ],
    ['a module of JavaScript', 'src/door.mjs', "import { size } from './size.ts'; size.toFixed();"],
    ['JavaScript in a package of CommonJS', 'src/door.js', ''],
  ])('are compared: %s', async (_, at, before) => {
    const text = await compared(at, door('OPEN', before), door('PUSH', before), {
      'package.json': '{}',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
      'src/size.ts': 'export const size = 3;\n',
      'src/round.ts': "import { doorName } from './door.machine.ts'; export const nameOf = () => doorName;\n",
    });
    expect(text).toMatch(isOpened);
  });

  it('are compared: CommonJS that requires a neighbour', async () => {
    const common = (event: string) =>
      `const { createMachine } = require('xstate');\nconst { shut } = require('./names.cjs');\nmodule.exports.door = createMachine({ initial: shut, states: { shut: { on: { ${event}: { target: 'wide', guard: 'isFree' } } }, wide: {} } });\n`;
    const names = { 'src/names.cjs': "exports.shut = 'shut';\n" };
    expect(await compared('src/door.cjs', common('OPEN'), common('PUSH'), names)).toMatch(isOpened);
  });

  it('do not load, neither of them: the old one is told of, though the new one fails first', async () => {
    const slow = 'await new Promise((resolve) => setTimeout(resolve, 2000)); throw new Error("late");';
    expect(await compared('a.mjs', slow, 'throw new Error("early");')).toMatch(
      /^UsageError: old version: cannot load .*late/,
    );
  });

  it('are what is compared, not what the file holds now', async () => {
    const text = await compared('door.machine.ts', door('OPEN'), door('PUSH'), {
      'door.machine.ts': door('KICK'),
    });
    expect(text).toMatch(isOpened);
    expect(text).not.toContain('KICK');
  });

  it('are compared with the functions that each defines', async () => {
    const guarded = (limit: number) =>
      `import { setup } from 'xstate';\nimport { size } from './size.ts';\nconst isFree = () => size < ${limit};\nexport const door = setup({ guards: { isFree } }).createMachine({ initial: 'shut', states: { shut: { on: { OPEN: { target: 'wide', guard: 'isFree' } } }, wide: {} } });\n`;
    const text = await compared('src/door.ts', guarded(3), guarded(4), {
      'src/size.ts': 'export const size = 3;\n',
    });
    expect(text).toContain('+ const isFree = () => size < 4;');
    expect(text).not.toContain('export const size');
    expect(text).toContain('1 definition changed.');
  });

  it('are told by their name if one has several machines and none is named', async () => {
    const two = `${door('OPEN')}export const other = door.provide({});\n`;
    expect(await compared('door.ts', door('OPEN'), two)).toBe(
      'UsageError: new version: door.ts exports several machines; choose one as door.ts#NAME: door, other',
    );
    expect(await compared('door.ts#door', door('OPEN'), two)).toBe('No difference.\n');
  });
});

describe('two versions of a file that cannot be compared', () => {
  it.each([
    ['a new file', 'a.ts', '', 'x', 'a.ts is new: there are no two versions to compare'],
    ['a file that is gone', 'a.ts', 'x', '', 'a.ts is gone: there are no two versions to compare'],
    [
      'a file that is gone, with a # in its name',
      'a#b.ts',
      'x',
      '',
      'a#b.ts is gone: there are no two versions to compare',
    ],
    ['an empty file', 'a.ts', '', '', 'a.ts is empty in both versions: there are no two versions to compare'],
    ['a text', 'notes.md', 'a', 'b', 'not compared: notes.md is not a module'],
    [
      'a module without a machine',
      'a.ts',
      'export const a = 1;',
      'export const a = 2;',
      'not compared: a.ts exports no XState 5 machine',
    ],
    [
      'a module that had no machine before',
      'a.ts',
      'export const a = 1;',
      door('A'),
      'not compared: old version: a.ts exports no XState 5 machine',
    ],
    [
      'a module that has no machine any more',
      'a.ts',
      door('A'),
      'export {};',
      'not compared: new version: a.ts exports nothing: export the machine from it',
    ],
    [
      'a version with a fault in its syntax',
      'a.ts',
      'export const = 1;',
      door('A'),
      'UsageError: old version: cannot load a.ts: Variable declaration expected (a.ts:1)',
    ],
    [
      'a version whose import leads nowhere',
      'a.ts',
      door('A'),
      door('A', "import './gone.ts';"),
      'UsageError: new version: cannot load a.ts: it imports ./gone.ts, and there is no such file (a.ts:2)',
    ],
    [
      'a version that throws',
      'a.ts',
      door('A'),
      "\n\nthrow new Error('no');\n",
      'UsageError: new version: cannot load a.ts: no (a.ts:3)',
    ],
  ])('is one line: %s', async (_, at, before, after, line) => {
    expect(await compared(at, before, after)).toBe(line);
  });

  it('is one line: directories, as git difftool --dir-diff hands over', async () => {
    const folder = projectOf({}, []);
    mkdirSync(join(folder, 'left'));
    writeFileSync(join(folder, 'right'), '');
    const at = (before: string) =>
      versionsAt('a.ts', join(folder, before), join(folder, 'right'), { loadTimeout: 1, verbose: false });
    await expect(at('left')).rejects.toThrow(
      /^--at compares two files, and .*left is a directory: run git difftool without --dir-diff$/,
    );
    rmSync(join(folder, 'left'), { recursive: true });
    await expect(at('left')).rejects.toThrow(/^--at compares two files, and there is no file .*left$/);
  });
});
