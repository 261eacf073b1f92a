import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

it('a command ends quietly when its standard output is closed before it has written all', async () => {
  const child = spawn(process.execPath, ['src/cli/raftchart.ts', 'diagram', 'raft', '--format', 'layout']);
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  // What `| head -c 0` does.
  child.stdout.destroy();
  const [code, signal] = await once(child, 'close');
  expect(Buffer.concat(stderr).toString()).toBe('');
  expect([code, signal]).toEqual([0, null]);
});

const full = '/dev/full';

/** Runs a command whose standard output is a full disk. */
const onFullDisk = async (script: string, ...args: readonly string[]) => {
  const output = openSync(full, 'w');
  const child = spawn(process.execPath, [`src/cli/${script}`, ...args], {
    stdio: ['ignore', output, 'pipe'],
  });
  closeSync(output);
  const stderr: Buffer[] = [];
  child.stderr!.on('data', (chunk) => stderr.push(chunk));
  const [code] = await once(child, 'close');
  return { code, stderr: Buffer.concat(stderr).toString() };
};

describe.skipIf(!existsSync(full))('a standard output that cannot be written (a full disk)', () => {
  it('ends raftchart with one line and exit code 2', async () => {
    const { code, stderr } = await onFullDisk('raftchart.ts', 'diagram', 'raft', '--format', 'layout');
    expect(stderr).toMatch(/^cannot write to the standard output: ENOSPC: .*\n$/);
    expect(code).toBe(2);
  });

  it('ends raft-client with one line of JSON and exit code 1', async () => {
    const { code, stderr } = await onFullDisk('raft-client.ts', '--help');
    expect(stderr).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stderr)).toMatchObject({
      error: 'output',
      message: expect.stringMatching(/^cannot write to the standard output: ENOSPC: /),
    });
    expect(code).toBe(1);
  });
});

it('a command whose standard error cannot be written ends as it would have', async () => {
  const child = spawn(process.execPath, ['src/cli/raftchart.ts', 'diagram', 'no-such-chart'], {
    stdio: 'pipe',
  });
  child.stderr.destroy();
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
});

describe('what nobody has expected', () => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-program-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ended = async (program: string, args: readonly string[], cwd: string) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    const stderr: Buffer[] = [];
    child.stderr.on('data', (chunk) => stderr.push(chunk));
    const [code] = await once(child, 'close');
    return { code, stderr: Buffer.concat(stderr).toString() };
  };

  it.each([
    ['thrown by a command', 'throw new TypeError("no\\nidea");'],
    ['thrown later', 'setTimeout(() => { throw new TypeError("no\\nidea"); });'],
    ['rejected', 'void Promise.reject(new TypeError("no\\nidea"));'],
  ])('is one line with its place, and exit code 70: %s', async (_, bug) => {
    const script = join(folder, 'bug.mjs');
    const startProgram = JSON.stringify(resolve('src/cli/start-program.ts'));
    writeFileSync(
      script,
      `import { startProgram } from ${startProgram};\nawait startProgram(async () => ({ main: async () => {\n${bug} } }), 2);\n`,
    );
    const { code, stderr } = await ended(process.execPath, [script], folder);
    expect(stderr).toMatch(/^internal error, please report it: no idea at .*bug\.mjs:3:\S+.*\n$/);
    expect(code).toBe(70);
  });

  it('a working directory that is gone is named in one line', async () => {
    const gone = mkdtempSync(join(folder, 'gone-'));
    // The shell enters it before it is removed.
    const words = `rmdir '${gone}' && exec '${process.execPath}' '${resolve('src/cli/raftchart.ts')}' diagram raft`;
    expect(await ended('sh', ['-c', words], gone)).toEqual({
      code: 70,
      stderr: 'the working directory does not exist any more: change to another one\n',
    });
  });
});

it.each([
  ['simulate', /--faults <profile> [\s\S]*\(default: default\)/],
  ['diagram', /--view <view> [\s\S]*\sdefault:\s+overview\)/],
])('%s --help shows defaults in words that can be typed', async (command, words) => {
  const child = spawn(process.execPath, ['src/cli/raftchart.ts', command, '--help']);
  const stdout: Buffer[] = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  await once(child, 'close');
  const help = Buffer.concat(stdout).toString();
  expect(help).toMatch(words);
  expect(help).not.toContain('{"');
});
