import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { projectOf, removeProjects } from './module-folder.ts';

removeProjects();

const run = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(packageRoot(), 'tools/try-examples.ts'), ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
};

describe('tools/try-examples.ts', () => {
  it('draws each machine of a tree in each format, and says which modules have none', () => {
    const folder = projectOf({
      'light/src/light.ts':
        "import { createMachine } from 'xstate';\nexport const light = createMachine({ initial: 'red', states: { red: { on: { GO: 'green' } }, green: {} } });\n",
      'two.js':
        "import { createMachine } from 'xstate';\nexport const a = createMachine({});\nexport const b = createMachine({ initial: 'x', states: { x: {} } });\n",
      'main.js': "import { createActor } from 'xstate';\nconsole.log(createActor);\n",
      'other.js': "throw new Error('is never loaded');\n",
      'dist/built.js': "import 'xstate';\nthrow new Error('is never loaded');\n",
      'a.test.ts': "import 'xstate';\nthrow new Error('is never loaded');\n",
    });
    const { status, stdout, stderr } = run(folder);
    expect(stderr).toBe('');
    expect(stdout.replaceAll(`${folder}/`, '').split('\n')).toEqual([
      'drawn   light/src/light.ts (2 states)',
      'refused main.js',
      '        main.js exports nothing: export the machine from it',
      'drawn   two.js#a (0 states)',
      'drawn   two.js#b (1 states)',
      '3 modules that import xstate; machines: 3 drawn in 7 formats, 0 failed; 1 modules refused',
      '',
    ]);
    expect(status).toBe(0);
  });

  it('exits with 1 where a machine cannot be drawn', () => {
    const folder = projectOf({
      'a.js':
        "import { createMachine } from 'xstate';\nexport const a = createMachine({});\nObject.defineProperty(a, 'id', { get() { throw new Error('no id'); } });\n",
    });
    expect(run(folder)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^failed {2}a\.js\n {8}crashed: no id\n/),
    });
  });

  it('asks for a directory', () => {
    expect(run()).toEqual({
      status: 2,
      stdout: '',
      stderr: 'name the directory with the machines: node tools/try-examples.ts DIR\n',
    });
  });
});
