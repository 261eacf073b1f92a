import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isFile } from '../../../src/cli/machine/replaced-file.ts';
import { projectOf, removeProjects } from './module-folder.ts';

removeProjects();

it('there is no file at a path through a file, or of a name that is too long', () => {
  const folder = projectOf({ 'a.ts': 'export {};\n' }, []);
  const found = ['a.ts', 'b.ts', 'a.ts/b.ts', `${'x'.repeat(300)}.ts`].map((name) =>
    isFile(join(folder, name)),
  );
  expect(found).toEqual([true, false, false, false]);
});
