import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

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
