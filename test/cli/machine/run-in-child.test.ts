import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { parseMachineOperand } from '../../../src/cli/machine/machine-operand.ts';
import { runInChild } from '../../../src/cli/machine/run-in-child.ts';
import { lineOf, projectOf, readIn, removeProjects, telling, toldBy } from './module-folder.ts';

removeProjects();

afterEach(() => vi.unstubAllEnvs());

/** A module of JavaScript that does `before`, exports a machine, and does `after`. */
const moduleThat = (before: string, after = ''): string =>
  projectOf({
    'a.mjs': `import { createMachine } from 'xstate';\n${before}\n${telling('1')}${after}\n`,
  });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a module in a process of its own', () => {
  it.each([
    ['prints', "console.log('x'.repeat(3_000_000)); console.error('y'.repeat(3_000_000));"],
    [
      'takes the console and the streams away',
      'globalThis.console = null; process.stdout.end(); process.stderr.destroy();',
    ],
    ['starts timers', 'setInterval(() => {}, 1000); setTimeout(() => {}, 1e6);'],
    [
      'starts a server and a process',
      "import { createServer } from 'node:http'; import { spawn } from 'node:child_process'; createServer().listen(0, '127.0.0.1'); spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });",
    ],
    [
      'does not let its process end',
      "process.on('exit', () => { for (;;); }); process.on('SIGTERM', () => {});",
    ],
    ['forgets a rejection', "void Promise.reject(new Error('late'));"],
    ['throws later', "setImmediate(() => { throw new Error('late'); });"],
    ['removes all listeners of its process', 'process.removeAllListeners();'],
    [
      'speaks to its parent',
      "process.send?.({ report: { kind: 'result', result: 'mine' } }); process.send?.({ token: '', report: { kind: 'refused', line: 'mine' } }); process.disconnect?.();",
    ],
    ['changes what it finds', 'Object.prototype.extra = 1; JSON.parse = null; globalThis.setTimeout = null;'],
  ])('does not matter when it %s', async (_, code) => {
    const reading = readIn(moduleThat(code), 'a.mjs');
    await expect(reading.then(toldBy)).resolves.toBe(1);
  });

  it('is refused as what it has become since it was named', async () => {
    const folder = moduleThat('');
    const operand = parseMachineOperand(join(folder, 'a.mjs'));
    const read = () => runInChild(operand, 'read', null, { timeoutMs: 60_000, isVerbose: false });
    rmSync(operand.path);
    await expect(read()).rejects.toThrow(`there is no file ${operand.label}`);
    mkdirSync(operand.path);
    await expect(read()).rejects.toThrow(`${operand.label} is a directory: name the file of a module in it`);
  });

  it('is refused by the place in its machine that XState cannot run', async () => {
    const folder = projectOf({
      'a.mjs':
        "import { createMachine } from 'xstate';\nexport const m = createMachine({ initial: 'a', states: { a: { entry: null } } });\n",
    });
    expect(await lineOf(folder, 'a.mjs')).toBe(
      'a.mjs has an unusable machine: states.a.entry: expected an action: its name, a function or an object with a type, got null',
    );
  });

  it('is told of with the files that it loaded or missed, whether it loads or not', async () => {
    const sourcesOf = async (code: string): Promise<readonly string[]> => {
      const folder = projectOf({
        'a.mjs': `import { createMachine } from 'xstate';\n${code}\n${telling('1')}\n`,
        'b.ts': 'export const b: number = 1;',
        'c.json': '{}',
      });
      const found: string[] = [];
      await runInChild(parseMachineOperand(join(folder, 'a.mjs')), 'read', null, {
        timeoutMs: 60_000,
        isVerbose: false,
        onSources: (paths) => found.push(...paths),
      }).catch(() => {});
      return found.map((path) => path.replace(`${folder}/`, '')).toSorted();
    };
    expect(await sourcesOf("import { b } from './b.ts'; import './c.json';")).toEqual([
      'a.mjs',
      'b.ts',
      'c.json',
    ]);
    expect(await sourcesOf("import './missing.ts';")).toEqual(['a.mjs', 'missing.ts']);
    expect(await sourcesOf("throw new Error('no');")).toEqual(['a.mjs']);
  });

  it.each([
    [
      'ends its process, even with success',
      'process.exit(0);',
      'it ended its own process: a module that exports a machine must not do that when it is imported',
    ],
    ['is killed', "process.kill(process.pid, 'SIGSEGV');", 'its process was killed by SIGSEGV'],
    ['aborts', 'process.abort();', 'its process was killed by SIGABRT'],
    [
      'waits for what never happens',
      'await new Promise(() => {});',
      'an await at its top level waits for what never happens',
    ],
    ['throws a text of several lines', "throw new Error('one\\ntwo');", 'one (a.mjs:2)'],
  ])('is refused in a line when it %s', async (_, code, line) => {
    expect(await lineOf(moduleThat(code), 'a.mjs')).toBe(`cannot load a.mjs: ${line}`);
  });

  it('is refused in a line when it needs too much memory', async () => {
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=60');
    expect(await lineOf(moduleThat('const all = []; for (;;) all.push([...all]);'), 'a.mjs')).toBe(
      'cannot load a.mjs: it ran out of memory',
    );
  });

  it.each([
    ['loops forever', 'for (;;);'],
    ['waits forever', 'setInterval(() => {}, 1000); await new Promise(() => {});'],
  ])('is stopped at the time limit when it %s', async (_, code) => {
    expect(await lineOf(moduleThat(code), 'a.mjs', 1500)).toBe(
      'cannot load a.mjs: it has not finished loading within 1.5 s: an endless loop, or an await that waits forever? --load-timeout allows more',
    );
  });

  it('is killed with all that it has started, once it has answered', async () => {
    const folder = moduleThat(
      `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
const own = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
writeFileSync(new URL('./pids', import.meta.url), JSON.stringify([process.pid, own.pid]));`,
    );
    await readIn(folder, 'a.mjs');
    const pids = JSON.parse(readFileSync(join(folder, 'pids'), 'utf8')) as readonly number[];
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 10_000);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'is killed when the parent gets %s, which then ends as it would',
    async (signal) => {
      const folder = moduleThat(
        "import { writeFileSync } from 'node:fs'; writeFileSync(new URL('./pid', import.meta.url), String(process.pid)); for (;;);",
      );
      const parent = spawn(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `const { runMachineTask } = await import(${JSON.stringify(join(packageRoot(), 'src/cli/machine/machine-flags.ts'))});
await runMachineTask(${JSON.stringify({ path: join(folder, 'a.mjs'), name: null, label: 'a.mjs' })}, 'read', null, { loadTimeout: 60_000, verbose: false });`,
        ],
        { stdio: 'ignore' },
      );
      const pid = await vi.waitFor(() => {
        const text = existsSync(join(folder, 'pid')) ? readFileSync(join(folder, 'pid'), 'utf8') : '';
        expect(text).not.toBe('');
        return Number(text);
      }, 20_000);
      parent.kill(signal);
      expect(await once(parent, 'exit')).toEqual([null, signal]);
      await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
    },
  );

  it('shows what it prints line by line on stderr where that is asked for, and nowhere else', async () => {
    const folder = moduleThat("console.log('one\\ntwo'); console.error('three');");
    const operand = { ...parseMachineOperand(join(folder, 'a.mjs')), label: 'a.mjs' };
    const stdout = vi.spyOn(process.stdout, 'write');
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const written = async (isVerbose: boolean) => {
      stderr.mockClear();
      await runInChild(operand, 'read', null, { timeoutMs: 60_000, isVerbose });
      return stderr.mock.calls.map(([text]) => text).filter((text) => String(text).startsWith('a.mjs'));
    };
    try {
      expect(await written(false)).toEqual([]);
      expect((await written(true)).toSorted()).toEqual(['a.mjs | one\n', 'a.mjs | three\n', 'a.mjs | two\n']);
      expect(stdout.mock.calls.filter(([text]) => /one|two|three/.test(String(text)))).toEqual([]);
    } finally {
      stdout.mockRestore();
      stderr.mockRestore();
    }
  });
});

describe('a task', () => {
  /** A file that replaces the task `read` in each child that is started from now on. */
  const replaceTask = (code: string): void => {
    const tasks = join(packageRoot(), 'src/cli/machine/machine-tasks.ts');
    const folder = projectOf({
      'preload.mjs': `import { machineTasks } from ${JSON.stringify(tasks)};\nmachineTasks.read = async () => ${code};\n`,
    });
    vi.stubEnv('NODE_OPTIONS', `--import=${join(folder, 'preload.mjs')}`);
  };

  const run = (onProgress?: (progress: unknown) => void) =>
    runInChild(parseMachineOperand(join(moduleThat(''), 'a.mjs')), 'read', null, {
      timeoutMs: 5000,
      isVerbose: false,
      ...(onProgress === undefined ? {} : { onProgress }),
    });

  it('tells how far it is, and returns what can be cloned', async () => {
    replaceTask(
      '(machine, argument, { path, report }) => { report({ done: 1 }); return new Map([[machine.id, [argument, path.endsWith("/a.mjs"), 2n]]]); }',
    );
    const progress: unknown[] = [];
    expect(await run((each) => progress.push(each))).toEqual(new Map([['told', [null, true, 2n]]]));
    expect(progress).toEqual([{ done: 1 }]);
  });

  it('that returns what cannot be cloned is our own bug', async () => {
    replaceTask('() => ({ isBig: () => true })');
    await expect(run()).rejects.toThrow(
      expect.objectContaining({
        name: 'Error',
        message: 'expected plain data from the task read: () => true could not be cloned.',
      }),
    );
  });

  it('that fails is our own bug, with its own stack', async () => {
    replaceTask("() => { throw new Error('expected one, got two'); }");
    const error = await run().catch((each: unknown) => each as Error);
    expect(error).toMatchObject({ name: 'Error', message: 'expected one, got two' });
    expect((error as Error).stack).toContain('preload.mjs:2');
  });

  it('that gives no sign of life is stopped', async () => {
    replaceTask('() => { for (;;); }');
    await expect(run()).rejects.toThrow(
      /a\.mjs has loaded, but its machine has kept read busy for 5 s without a sign of life: an endless loop in one of its functions\?$/,
    );
  });
});
