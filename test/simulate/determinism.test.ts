import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { traceHash } from './trace-hash.ts';

const run = promisify(execFile);
const [from, to, durationMs] = [1, 3, 8000];

describe('determinism', () => {
  it('the same seed gives the same trace, byte for byte, in another process and after other runs', async () => {
    const program = new URL('./trace-hash.ts', import.meta.url).pathname;
    // The other process meets the seeds with nothing run before, this one in the opposite order.
    const other = run(process.execPath, [program, `${from}`, `${to}`, `${durationMs}`]);
    const hashes: string[] = [];
    for (let seed = to; seed >= from; seed--) hashes.unshift(`${seed} ${await traceHash(seed, durationMs)}`);
    const { stdout } = await other;
    expect(stdout.trim().split('\n')).toEqual(hashes);
    expect(new Set(hashes.map((line) => line.split(' ')[1])).size).toBe(to - from + 1);
  }, 120_000);
});
