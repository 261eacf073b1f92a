import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMachineOperand, splitOperand } from '../../../src/cli/machine/machine-operand.ts';
import { projectOf, removeProjects } from './module-folder.ts';

removeProjects();

const text = 'export const machine = 1;\n';
const folder = projectOf(
  {
    'a.ts': text,
    'two words.ts': text,
    'c#/a.ts': text,
    'c#/d#e.ts': text,
    'C:/a.ts': text,
    'notes.txt': text,
    'empty.ts': '',
    'closed.ts': text,
    'place/index.ts': text,
  },
  [],
);
symlinkSync('loop.ts', join(folder, 'loop.ts'));
symlinkSync('a.ts', join(folder, 'link.ts'));
mkdirSync(join(folder, 'place.ts'));
chmodSync(join(folder, 'closed.ts'), 0);

const read = (operand: string, exportName?: string): unknown => {
  try {
    const { path, name, label } = parseMachineOperand(join(folder, operand), exportName);
    expect(path).toBe(label);
    return [path.slice(folder.length + 1), name];
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
};

describe('the operand of a machine', () => {
  it.each<[string, string | undefined, readonly [string, string | null]]>([
    ['a.ts', undefined, ['a.ts', null]],
    ['a.ts#machine', undefined, ['a.ts', 'machine']],
    ['a.ts#machines.checkout', undefined, ['a.ts', 'machines.checkout']],
    ['a.ts', 'machine', ['a.ts', 'machine']],
    ['a.ts#machine', 'machine', ['a.ts', 'machine']],
    ['link.ts#machine', undefined, ['link.ts', 'machine']],
    ['two words.ts#machine', undefined, ['two words.ts', 'machine']],
    ['c#/a.ts', undefined, ['c#/a.ts', null]],
    ['c#/a.ts#machine', undefined, ['c#/a.ts', 'machine']],
    ['c#/d#e.ts', undefined, ['c#/d#e.ts', null]],
    ['c#/d#e.ts#b#c', undefined, ['c#/d#e.ts', 'b#c']],
    ['C:/a.ts#machine', undefined, ['C:/a.ts', 'machine']],
  ])('%s with --export %s is %j', (operand, exportName, expected) => {
    expect(read(operand, exportName)).toEqual(expected);
  });

  it.each([
    ['gone.ts', 'there is no file gone.ts'],
    ['gone.ts#machine', 'there is no file gone.ts'],
    ['a.ts/b.ts', 'there is no file a.ts/b.ts: a part of the path is a file, not a directory'],
    ['a.ts#', 'a.ts# names no export after its #: leave the # out, or name one'],
    ['place', 'place is a directory: name the file of a module in it'],
    ['place.ts', 'place.ts is a directory: name the file of a module in it'],
    ['empty.ts', 'empty.ts is empty: export a machine from it'],
    [
      'notes.txt',
      'notes.txt is not a module: expected a file that ends with .js, .mjs, .cjs, .jsx, .ts, .mts, .cts or .tsx',
    ],
    ['loop.ts', 'loop.ts cannot be read: its symbolic links form a loop'],
    [`${'x'.repeat(300)}.ts`, 'there is no file of such a long name'],
  ])('%s is refused in a line', (operand, line) => {
    expect(read(operand)).toBe(line);
  });

  it('is refused where it names one export and --export another', () => {
    expect(read('a.ts#machine', 'other')).toBe(
      'a.ts#machine names one export and --export another: other; leave one of them out',
    );
  });

  it('is refused where it is no file at all', () => {
    expect(() => parseMachineOperand('/dev/null')).toThrow(
      '/dev/null is not a file that can be loaded: name a module',
    );
  });

  it.skipIf(process.getuid?.() === 0)('is refused where the file cannot be read', () => {
    expect(read('closed.ts')).toBe('closed.ts cannot be read: check its permissions');
  });

  it('begins with a # only where a file does', () => {
    expect(splitOperand('#a', () => false)).toEqual({ label: '#a', name: null });
  });
});
