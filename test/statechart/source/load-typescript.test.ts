import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { loadTypeScript } from '../../../src/statechart/source/load-typescript.ts';
import { projectOf, removeProjects } from '../../cli/machine/module-folder.ts';

removeProjects();

const own = (version: string): string =>
  `exports.version = '${version}'; exports.transpileModule = () => {};\n`;

it.each<[string, Readonly<Record<string, string>>, string]>([
  ['is that of the project', { 'node_modules/typescript/index.js': own('5.9') }, '5.9'],
  [
    'has another name beside TypeScript 7, which cannot be called',
    {
      'node_modules/typescript/index.js': "exports.version = '7.0';\n",
      'node_modules/@typescript/typescript6/index.js': own('6.0'),
    },
    '6.0',
  ],
  [
    'is the one beside these tools where the project has none',
    {},
    (await import(join(packageRoot(), 'node_modules/typescript/lib/typescript.js'))).default.version,
  ],
])('the TypeScript for a file %s', async (_, files, version) => {
  expect(await loadTypeScript(join(projectOf(files, []), 'a.ts'))).toMatchObject({ version });
});
