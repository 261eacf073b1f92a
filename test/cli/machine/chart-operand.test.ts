import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chartOperand } from '../../../src/cli/machine/chart-operand.ts';
import { checkFile } from '../../../src/cli/model-test/search-flags.ts';
import { projectOf, removeProjects } from './module-folder.ts';

removeProjects();

const folder = projectOf({ 'a.ts': 'export const machine = 1;\n' }, []);

const lineOf = (act: (path: string) => void, name: string): string => {
  try {
    act(join(folder, name));
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replaceAll(`${folder}/`, '')}`;
  }
  return 'fine';
};

it.each<[string, (path: string) => void]>([
  ['an operand', (path) => chartOperand(path, undefined)],
  ['a file of a flag', checkFile],
])('%s through a file, or of a name that is too long, is refused in a line of its own', (_, act) => {
  const usage = lineOf(() => chartOperand('', undefined), '').split(':')[0];
  expect(lineOf(act, 'a.ts/x.ts')).toBe(
    `${usage}: there is no file a.ts/x.ts: a part of the path is a file, not a directory`,
  );
  expect(lineOf(act, `${'x'.repeat(300)}.ts`)).toBe(`${usage}: there is no file of such a long name`);
});
