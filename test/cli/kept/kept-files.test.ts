import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptFiles } from '../../../src/cli/kept/kept-files.ts';

vi.mock('node:fs', { spy: true });

const plenty = { files: 10, bytes: 1_000_000 };
const text = `{"paths":["é",1]}\n`;

let parent = '';
let folder = '';
let files: KeptFiles;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'raftchart-kept-files-'));
  folder = join(parent, 'deep', 'kept');
  files = new KeptFiles(folder, plenty);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const fileOf = (name: string): string => join(folder, `${name}.kept`);

describe('a kept file', () => {
  it('is read as it was written, by this process and by others', () => {
    expect(files.read('a')).toBeNull();
    files.write('a', text);
    expect(files.read('a')).toBe(text);
    expect(new KeptFiles(folder, plenty).read('a')).toBe(text);
    expect(files.read('b')).toBeNull();
    files.write('a', 'later');
    expect(files.read('a')).toBe('later');
    expect(readdirSync(folder)).toEqual(['a.kept']);
  });

  it.each([
    ['is empty', () => ''],
    ['was cut', (whole: string) => whole.slice(0, -1)],
    ['was cut within its first line', (whole: string) => whole.slice(0, 20)],
    ['was continued', (whole: string) => `${whole} `],
    ['was changed', (whole: string) => whole.replace('1]', '2]')],
    ['has only the text', () => text],
    ['is something else', () => 'hello\nworld\n'],
  ])('is not believed when it %s, and is written anew', (_, damage) => {
    files.write('a', text);
    const whole = readFileSync(fileOf('a'), 'utf8');
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    writeFileSync(fileOf('a'), damaged);
    expect(files.read('a')).toBeNull();
    files.write('a', text);
    expect(files.read('a')).toBe(text);
  });

  it('is not believed under another name', () => {
    files.write('a', text);
    renameSync(fileOf('a'), fileOf('b'));
    expect(files.read('b')).toBeNull();
  });

  it('is read in a folder that nothing can be changed in', () => {
    files.write('a', text);
    vi.mocked(utimesSync).mockImplementationOnce(() => {
      throw new Error('EROFS: read-only file system');
    });
    expect(files.read('a')).toBe(text);
  });

  it('is written to a draft of its own each time, since others may write it too', () => {
    vi.mocked(writeFileSync).mockClear();
    files.write('a', text);
    files.write('a', text);
    const drafts = vi.mocked(writeFileSync).mock.calls.map(([path]) => path);
    expect(new Set(drafts).size).toBe(2);
  });

  it('is not there where a directory has its name, which is left alone', () => {
    mkdirSync(join(fileOf('a'), 'inside'), { recursive: true });
    files.write('a', text);
    expect(files.read('a')).toBeNull();
    expect(readdirSync(folder)).toEqual(['a.kept']);
  });
});

describe('the folder of kept files', () => {
  it('is for its user alone', () => {
    files.write('a', text);
    if (process.platform !== 'win32') expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('is no error where it cannot be made', () => {
    writeFileSync(join(parent, 'deep'), 'a file');
    files.write('a', text);
    expect(files.read('a')).toBeNull();
    expect(readFileSync(join(parent, 'deep'), 'utf8')).toBe('a file');
  });

  const agedBy = (path: string, ms: number): void => {
    const then = new Date(Date.now() - ms);
    utimesSync(path, then, then);
  };

  it('lets go of the files that were used longest ago, beyond so many', () => {
    const few = new KeptFiles(folder, { ...plenty, files: 2 });
    few.write('a', text);
    agedBy(fileOf('a'), 3000);
    few.write('b', text);
    agedBy(fileOf('b'), 2000);
    expect(few.read('a')).toBe(text);
    few.write('c', text);
    expect(readdirSync(folder).sort()).toEqual(['a.kept', 'c.kept']);
  });

  it('counts neither files of others, nor directories and links that lead nowhere', () => {
    mkdirSync(fileOf('directory'), { recursive: true });
    agedBy(fileOf('directory'), -10_000);
    symlinkSync(join(parent, 'nowhere'), fileOf('link'));
    writeFileSync(join(folder, 'notes.txt'), 'part');
    agedBy(join(folder, 'notes.txt'), 5000);
    const few = new KeptFiles(folder, { ...plenty, files: 2 });
    few.write('a', text);
    agedBy(fileOf('a'), 3000);
    few.write('b', text);
    expect(few.read('a')).toBe(text);
    agedBy(fileOf('b'), 2000);
    few.write('c', text);
    expect(readdirSync(folder).sort()).toEqual([
      'a.kept',
      'c.kept',
      'directory.kept',
      'link.kept',
      'notes.txt',
    ]);
  });

  it('lets go of them beyond so many bytes, and of one that is too large by itself', () => {
    const small = new KeptFiles(folder, { ...plenty, bytes: 400 });
    small.write('a', 'x'.repeat(100));
    agedBy(fileOf('a'), 2000);
    small.write('b', 'x'.repeat(100));
    agedBy(fileOf('b'), 1000);
    small.write('c', 'x'.repeat(100));
    expect(readdirSync(folder).sort()).toEqual(['b.kept', 'c.kept']);
    small.write('d', 'x'.repeat(1000));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lets go of what killed processes left, but not of what is being written or of files of others', () => {
    mkdirSync(folder, { recursive: true });
    for (const name of ['old.draft', 'new.draft', 'notes.txt']) writeFileSync(join(folder, name), 'part');
    agedBy(join(folder, 'old.draft'), 7_200_000);
    agedBy(join(folder, 'notes.txt'), 7_200_000);
    files.write('a', text);
    expect(readdirSync(folder).sort()).toEqual(['a.kept', 'new.draft', 'notes.txt']);
  });
});

it('processes that write and read the same name at once never see anything but what one of them wrote', async () => {
  const source = new URL('../../../src/cli/kept/kept-files.ts', import.meta.url).href;
  const program = `
    const { KeptFiles } = await import(${JSON.stringify(source)});
    const files = new KeptFiles(${JSON.stringify(folder)}, { files: 2, bytes: 10_000_000 });
    const own = process.argv[1].repeat(100_000);
    files.write('a', own);
    for (let time = 0; time < 50; time++) {
      files.write('a', own);
      const text = files.read('a');
      if (text === null || text.length !== 100_000) throw new Error('torn: ' + text?.length);
    }`;
  const ended = ['x', 'y', 'z'].map(
    (own) =>
      new Promise<readonly [number | null, string]>((resolve) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program, own]);
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (more) => {
          stderr += more;
        });
        child.on('close', (code) => resolve([code, stderr]));
      }),
  );
  expect(await Promise.all(ended)).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(readdirSync(folder)).toEqual(['a.kept']);
});
