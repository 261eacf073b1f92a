import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

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
