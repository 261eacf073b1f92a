import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileWatch } from '../../../src/cli/view/file-watch.ts';

describe('watch of files', () => {
  const folders = new Map<string, (name: string | null) => void>();
  const closed: string[] = [];
  const failures: string[] = [];
  let changes = 0;
  let watch: FileWatch;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    folders.clear();
    closed.length = 0;
    failures.length = 0;
    changes = 0;
    watch = new FileWatch(
      () => {
        changes += 1;
      },
      ({ message }) => failures.push(message),
      (folder, changed) => {
        if (folder === '/full') throw new Error('ENOSPC');
        folders.set(folder, changed);
        return { close: () => void closed.push(folder) };
      },
    );
  });
  afterEach(() => vi.useRealTimers());

  const change = (folder: string, name: string | null): void => folders.get(folder)!(name);

  it('tells once of a burst, after 100 ms of quiet', () => {
    watch.follow(['/a/lamp.ts', '/b/rules.ts'], false);
    for (const name of ['lamp.ts', 'lamp.ts', 'lamp.ts']) {
      change('/a', name);
      change('/b', 'rules.ts');
      vi.advanceTimersByTime(99);
    }
    expect(changes).toBe(0);
    vi.advanceTimersByTime(1);
    expect(changes).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(changes).toBe(1);
  });

  it('passes over other files, and none where the system does not say which', () => {
    watch.follow(['/a/lamp.ts'], false);
    for (const name of ['lamp.ts~', '.lamp.ts.swp', 'other.ts']) change('/a', name);
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(0);
    change('/a', null);
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(1);
  });

  it('with others, tells of any module beside them, and of no other file', () => {
    watch.follow(['/a/lamp.ts'], true);
    change('/', 'log.txt');
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(0);
    change('/', 'rules.ts');
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(1);
  });

  it('with others, waits for a folder that is missing', () => {
    watch.follow(['/no-such/deep/lamp.ts'], true);
    expect([...folders.keys()]).toEqual(['/']);
    change('/', 'no-such');
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(1);
  });

  it('watches a folder anew before it leaves the old one', () => {
    watch.follow(['/a/lamp.ts', '/b/rules.ts'], false);
    watch.follow(['/a/lamp.ts'], false);
    expect(closed).toEqual(['/a', '/b']);
    watch.close();
    expect(closed).toEqual(['/a', '/b', '/a']);
  });

  it('tells nothing once it is closed, also of what it waited for', () => {
    watch.follow(['/a/lamp.ts'], false);
    change('/a', 'lamp.ts');
    watch.close();
    vi.advanceTimersByTime(1000);
    expect(changes).toBe(0);
    change('/a', 'lamp.ts');
    watch.follow(['/b/lamp.ts'], false);
    vi.advanceTimersByTime(1000);
    expect([changes, folders.has('/b')]).toEqual([0, false]);
  });

  it('says which folder it cannot watch, and watches the others', () => {
    watch.follow(['/full/lamp.ts', '/a/rules.ts'], false);
    expect(failures).toEqual(['ENOSPC']);
    expect([...folders.keys()]).toEqual(['/a']);
  });
});

describe('watch of files on a disk', () => {
  let folder: string;
  let watch: FileWatch;
  let changes = 0;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'raftchart-watch-')));
    changes = 0;
    watch = new FileWatch(
      () => {
        changes += 1;
      },
      () => {},
    );
  });
  afterEach(() => {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('notices a file that is written, one that is renamed into its place, and one in a new folder', async () => {
    const file = join(folder, 'deep', 'lamp.ts');
    mkdirSync(join(folder, 'deep'));
    writeFileSync(file, '1');
    watch.follow([file], false);
    writeFileSync(file, '2');
    await expect.poll(() => changes).toBe(1);
    writeFileSync(`${file}.new`, '3');
    renameSync(`${file}.new`, file);
    await expect.poll(() => changes).toBe(2);
    rmSync(join(folder, 'deep'), { recursive: true });
    await expect.poll(() => changes).toBe(3);
    watch.follow([file], true);
    mkdirSync(join(folder, 'deep'));
    await expect.poll(() => changes).toBe(4);
  });
});
