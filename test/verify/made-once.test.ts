import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alone } from './made-once.ts';

describe('what one process does alone', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-made-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves no claim behind, in a folder that may have been removed', () => {
    const claim = join(folder, 'removed', 'a.claim');
    expect(alone(claim, () => readdirSync(join(folder, 'removed')))).toEqual(['a.claim']);
    expect(readdirSync(join(folder, 'removed'))).toEqual([]);
  });

  it('may be done by another after it failed', () => {
    const claim = join(folder, 'b.claim');
    const fail = (): never => {
      throw new Error('not made');
    };
    expect(() => alone(claim, fail)).toThrow('not made');
    expect(alone(claim, () => 2)).toBe(2);
  });

  it('is done by one process at a time', async () => {
    const module = new URL('./made-once.ts', import.meta.url).href;
    const script = `
      import { appendFileSync } from 'node:fs';
      const { alone } = await import(${JSON.stringify(module)});
      const say = (text) => appendFileSync(${JSON.stringify(join(folder, 'said'))}, text);
      alone(${JSON.stringify(join(folder, 'c.claim'))}, () => {
        say('begun ');
        const until = Date.now() + 300;
        while (Date.now() < until);
        say('ended ');
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
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('begun ended '.repeat(3));
  });

  it('does not wait for a process that was killed meanwhile, whoever has its id by now', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    for (const [name, pid, ageMs] of [
      ['d', ended, 0],
      ['e', process.pid, 3_600_000],
    ] as const) {
      const claim = join(folder, `${name}.claim`);
      writeFileSync(claim, `${pid}`);
      const since = new Date(Date.now() - ageMs);
      utimesSync(claim, since, since);
      expect(alone(claim, () => 4)).toBe(4);
    }
  });
});
