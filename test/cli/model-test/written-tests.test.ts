import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { removeProjects } from '../machine/module-folder.ts';
import { raftchart } from '../run-raftchart.ts';
import { doorProject, wornDoor } from './door-project.ts';

removeProjects();

const node = (folder: string, ...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    // Not the variables by which vitest knows that it is inside a test.
    const { VITEST: _, VITEST_POOL_ID: __, NODE_TEST_CONTEXT: ___, ...env } = process.env;
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { ...env, NO_COLOR: '1' } },
      (error, stdout, stderr) => resolve({ passed: error === null, output: `${stdout}${stderr}` }),
    );
  });

/** What became of a file of tests, and what its runner said. */
interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

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

type Run = (folder: string, files: readonly string[]) => Promise<readonly Outcome[]>;

const eachAlone =
  (argsOf: (file: string) => readonly string[]): Run =>
  (folder, files) =>
    Promise.all(files.map((file) => node(folder, ...argsOf(file))));

/** Of the report of vitest, what is used here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
  }[];
}

/** How each runner runs files of a project. Starting vitest takes seconds: it runs all of them at once. */
const runners: Readonly<Record<'vitest' | 'node' | 'jest', Run>> = {
  vitest: async (folder, files) => {
    const vitest = join(packageRoot(), 'node_modules/vitest/vitest.mjs');
    const flags = ['--root', folder, '--reporter', 'json', '--outputFile', 'report.json'];
    const { output } = await node(folder, vitest, 'run', ...flags, ...files);
    const { testResults } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as VitestReport;
    return files.map((file) => {
      const result = testResults.find(({ name }) => name === join(folder, file));
      if (result === undefined) return { passed: false, output };
      const { status, message, assertionResults } = result;
      const failures = assertionResults.flatMap(({ failureMessages }) => failureMessages);
      return {
        passed: status === 'passed' && assertionResults.length > 0,
        output: [message, ...failures].join('\n'),
      };
    });
  },
  node: eachAlone((file) => ['--test', file]),
  jest: (folder, files) => {
    writeFileSync(join(folder, 'like-jest.mjs'), likeJest);
    return eachAlone((file) => ['like-jest.mjs', `./${file}`])(folder, files);
  },
};

const doors = { right: {}, system: { model: wornDoor }, machine: { machine: wornDoor } };

describe.each(Object.keys(runners) as (keyof typeof runners)[])('tests written for %s', (runner) => {
  const withSystem = `door.${runner}.test.mjs`;
  const alone = `alone.${runner}.test.mjs`;
  const outcomes = new Map<string, Outcome>();
  let folder = '';

  beforeAll(async () => {
    folder = doorProject(doors);
    const right = join(folder, 'right');
    const write = async (file: string, ...flags: readonly string[]) => {
      const to = ['--format', runner, '-o', join(right, file)];
      const ended = await raftchart('paths', join(right, 'door.mjs'), ...flags, ...to);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      for (const door of Object.keys(doors)) {
        if (door !== 'right') copyFileSync(join(right, file), join(folder, door, file));
      }
    };
    await write(withSystem, '--model', join(right, 'door.model.mjs'));
    await write(alone, '--events', join(right, 'door.events.mjs'));
    const files = [withSystem, alone].flatMap((file) => Object.keys(doors).map((door) => `${door}/${file}`));
    const all = await runners[runner](folder, files);
    for (const [at, file] of files.entries()) outcomes.set(file, all[at]!);
  }, 120_000);

  const outcomeOf = (door: keyof typeof doors, file: string): Outcome => outcomes.get(`${door}/${file}`)!;

  it('pass on the system, and fail once the system or the machine is changed', () => {
    const right = outcomeOf('right', withSystem);
    expect(right, right.output).toMatchObject({ passed: true });
    const system = outcomeOf('system', withSystem);
    expect(system, system.output).toMatchObject({ passed: false });
    expect(system.output).toContain('the door is locked');
    const machine = outcomeOf('machine', withSystem);
    expect(machine, machine.output).toMatchObject({ passed: false });
    expect(machine.output).toContain('the machine has changed');
  });

  it('without a system run the machine, and fail once it is changed', () => {
    expect(readFileSync(join(folder, 'right', alone), 'utf8')).not.toContain("from './door.events");
    const right = outcomeOf('right', alone);
    expect(right, right.output).toMatchObject({ passed: true });
    expect(outcomeOf('system', alone)).toMatchObject({ passed: true });
    expect(outcomeOf('machine', alone)).toMatchObject({ passed: false });
  });
});
