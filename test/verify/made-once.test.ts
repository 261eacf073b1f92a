import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptIn } from './made-once.ts';

describe('what is made once', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-made-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const fail = (): never => {
    throw new Error('made again');
  };

  it('is read the second time, in a folder that may have been removed', () => {
    const file = join(folder, 'removed', 'a.json');
    expect(keptIn(file, () => ({ paths: [1] }))).toEqual({ paths: [1] });
    expect(keptIn(file, fail)).toEqual({ paths: [1] });
    expect(readdirSync(join(folder, 'removed'))).toEqual(['a.json']);
  });

  it('is made anew after it failed', () => {
    const file = join(folder, 'b.json');
    expect(() => keptIn(file, fail)).toThrow('made again');
    expect(keptIn(file, () => 2)).toBe(2);
  });

  it('is made by one process while the others wait', async () => {
    const file = join(folder, 'c.json');
    const made = join(folder, 'made');
    const module = fileURLToPath(new URL('./made-once.ts', import.meta.url));
    const script = `
      import { appendFileSync } from 'node:fs';
      const { keptIn } = await import(${JSON.stringify(module)});
      keptIn(${JSON.stringify(file)}, () => {
        appendFileSync(${JSON.stringify(made)}, 'x');
        const until = Date.now() + 300;
        while (Date.now() < until);
        return 3;
      });`;
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve) =>
            spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' }).once(
              'exit',
              resolve,
            ),
          ),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(made, 'utf8')).toBe('x');
    expect(keptIn(file, fail)).toBe(3);
  });

  it('does not wait for a process that was killed while it made it, whoever has its id by now', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    for (const [name, pid, ageMs] of [
      ['d', ended, 0],
      ['e', process.pid, 3_600_000],
    ] as const) {
      const file = join(folder, `${name}.json`);
      writeFileSync(`${file}.claim`, `${pid}`);
      const since = new Date(Date.now() - ageMs);
      utimesSync(`${file}.claim`, since, since);
      expect(keptIn(file, () => 4)).toBe(4);
    }
  });
});
