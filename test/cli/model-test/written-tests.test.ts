import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { removeProjects } from '../machine/module-folder.ts';
import { raftchart } from '../run-raftchart.ts';
import { doorProject, wornDoor } from './door-project.ts';

removeProjects();

const node = (folder: string, ...args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    // Not the variables by which vitest knows that it is inside a test.
    const { VITEST: _, VITEST_POOL_ID: __, NODE_TEST_CONTEXT: ___, ...env } = process.env;
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { ...env, NO_COLOR: '1' } },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
    );
  });

/** What jest gives a file of tests, as far as the written ones use it. */
const likeJest = `
const tests = [];
globalThis.describe = (name, body) => body();
globalThis.it = (name, body) => tests.push([name, body]);
await import(process.argv[2]);
let failed = 0;
for (const [name, body] of tests) {
  try { await body(); } catch (error) { failed++; console.log(name + ' failed: ' + error.message); }
}
console.log(failed + ' of ' + tests.length + ' failed');
process.exitCode = failed > 0 || tests.length === 0 ? 1 : 0;
`;

const runners = {
  vitest: (folder: string, file: string) =>
    node(folder, join(packageRoot(), 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, file),
  node: (folder: string, file: string) => node(folder, '--test', file),
  jest: (folder: string, file: string) => {
    writeFileSync(join(folder, 'like-jest.mjs'), likeJest);
    return node(folder, 'like-jest.mjs', `./${file}`);
  },
} as const;

describe.each(Object.keys(runners) as (keyof typeof runners)[])('tests written for %s', (runner) => {
  const file = `door.${runner}.test.mjs`;
  const written = async (...flags: readonly string[]): Promise<string> => {
    const folder = doorProject();
    const ended = await raftchart(
      'paths',
      join(folder, 'door.mjs'),
      '--format',
      runner,
      ...flags.map((flag) => flag.replace('FOLDER', folder)),
      '-o',
      join(folder, file),
    );
    expect(ended).toMatchObject({ code: 0 });
    return folder;
  };
  const runIn = (folder: string, from: string) => {
    copyFileSync(join(from, file), join(folder, file));
    return runners[runner](folder, file);
  };

  it('pass on the system, and fail once the system or the machine is changed', async () => {
    const folder = await written('--model', 'FOLDER/door.model.mjs');
    const passed = await runIn(doorProject(), folder);
    expect(passed, passed.output).toMatchObject({ code: 0 });
    const system = await runIn(doorProject({ model: wornDoor }), folder);
    expect(system.code, system.output).toBe(1);
    expect(system.output).toContain('the door is locked');
    const machine = await runIn(doorProject({ machine: wornDoor }), folder);
    expect(machine.code, machine.output).toBe(1);
    expect(machine.output).toContain('the machine has changed');
  }, 120_000);

  it('without a system run the machine, and fail once it is changed', async () => {
    const folder = await written('--events', 'FOLDER/door.events.mjs');
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain("from './door.events");
    const passed = await runIn(doorProject(), folder);
    expect(passed, passed.output).toMatchObject({ code: 0 });
    expect((await runIn(doorProject({ machine: wornDoor }), folder)).code).toBe(1);
  }, 120_000);
});
