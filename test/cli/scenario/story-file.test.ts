import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scenarioCommand } from '../../../src/cli/scenario/scenario-command.ts';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { goldenFile } from '../../simulate/scenario/golden-transcripts.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

const run = async (...words: readonly string[]) => {
  const written: string[] = [];
  const errors: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
  const command = scenarioCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => errors.push(text) });
  const refused = await command.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: { exitCode: number }) => error.exitCode,
  );
  vi.restoreAllMocks();
  const code = refused ?? process.exitCode;
  process.exitCode = undefined;
  return { code, stdout: written.join(''), stderr: errors.join('') };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-stories-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

const good = 'title: A leader is elected\n\nstart\ncampaign 1\nstabilize\nexpect 1 is leader\n';

describe('raftchart scenario --file', () => {
  it('plays a story and tells it', async () => {
    const { code, stdout, stderr } = await run('--file', write('a.txt', good));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^A leader is elected\n.*node1 {4}leads term 1: leader.*\nHeld: /s);
  });

  it('ends with 1 and the line of an expectation that does not hold', async () => {
    const file = write('a.txt', good.replace('1 is leader', '2 is leader'));
    const { code, stdout, stderr } = await run('--file', file);
    expect([code, stderr]).toEqual([1, `${file}:6: expected 2 is leader; got node2 is follower in term 1\n`]);
    expect(stdout).toContain('node1    leads term 1: leader');
  });

  it('finds a wrong expectation and a wrong line that were planted in a shipped story', async () => {
    const story = readFileSync(goldenFile(stories.find(({ name }) => name === 'read-index')!), 'utf8');
    const expectation = story.replace('expect told value 1', 'expect told value 2');
    const at = expectation.split('\n').indexOf('expect told value 2') + 1;
    const file = write('a.txt', expectation);
    expect((await run('--file', file)).stderr).toBe(
      `${file}:${at}: expected told value 2; got told value 1\n`,
    );
    const line = story.replace('learns that it may apply entries 3 to 4', 'learns that it may apply entry 3');
    const { code, stderr } = await run('--file', write('b.txt', line));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /b\.txt:137: expected "node1 .*apply entry 3"; got "node1 .*apply entries 3 to 4"\n$/,
    );
  });

  it('plays several, whatever becomes of one, and counts them; the worst decides the exit code', async () => {
    const files = [
      write('a.txt', good),
      write('b.txt', good.replace('1 is leader', '2 is leader')),
      write('c.txt', 'strat'),
      write('d.txt', good),
    ];
    const { code, stdout, stderr } = await run('--file', ...files);
    expect(code).toBe(2);
    expect(stdout).toMatch(/\n4 stories: 2 held, 1 failed, 1 could not be played\n$/);
    expect(stderr.split('\n')).toHaveLength(3);
    expect((await run('--file', ...files.slice(0, 2))).code).toBe(1);
  });

  it('writes every event of one story', async () => {
    expect((await run('--file', write('a.txt', good), '--trace', at('trace'))).code).toBe(0);
    const events = readFileSync(at('trace'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.some(({ type }) => type === 'delivered')).toBe(true);
  });

  it.each([
    ['a missing file', () => at('none.txt'), /none\.txt: there is no such file: check its name/],
    ['a directory', () => folder, /: is a directory: name the file of a story in it/],
    ['a device', () => '/dev/null', /^\/dev\/null: is not a regular file: save the story in one/],
    [
      'a binary file',
      () => write('b.txt', Uint8Array.of(0x73, 0, 0x74)),
      /b\.txt: is not text in UTF-8: save it as such/,
    ],
    [
      'another encoding',
      () => write('b.txt', Uint8Array.of(0x73, 0xe4, 0x74)),
      /b\.txt: is not text in UTF-8/,
    ],
    [
      'a huge file',
      () => write('b.txt', 'a'.repeat(2 ** 20 + 1)),
      /b\.txt: has 1048577 bytes, and at most 1048576 can be read/,
    ],
    ['an empty file', () => write('b.txt', ''), /b\.txt:1: nothing happens: write a directive/],
    [
      'an unknown verb',
      () => write('b.txt', 'start\n\nstrat'),
      /b\.txt:3: there is no verb "strat"; there are start, /,
    ],
  ])('refuses %s with one line and exit code 2', async (_, file, message) => {
    const { code, stderr } = await run('--file', file());
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^[^\n]+\n$/);
  });

  it('refuses flags that do not go together', async () => {
    const file = write('a.txt', good);
    for (const words of [
      ['election', '--file', file],
      ['--rewrite'],
      ['--file', file, '--rewrite', '--seed', '3'],
      ['--file', file, file, '--trace', at('trace')],
      ['--file'],
    ]) {
      const { code, stderr } = await run(...words);
      expect([code === 0, /^[^\n]+\n$/.test(stderr)], words.join(' ')).toEqual([false, true]);
    }
  });
});

describe('raftchart scenario --file --rewrite', () => {
  it('writes the transcripts, once, behind a link too', async () => {
    const file = write('a.txt', good);
    symlinkSync(file, at('link.txt'));
    expect((await run('--file', at('link.txt'), '--rewrite')).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith(good.trimEnd())).toBe(true);
    expect(text).toContain('\n----\n         3 nodes start\n');
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'link.txt']);
    const { mtimeMs } = statSync(file);
    expect((await run('--file', file, '--rewrite')).code).toBe(0);
    expect([readFileSync(file, 'utf8'), statSync(file).mtimeMs]).toEqual([text, mtimeMs]);
    expect((await run('--file', file)).code).toBe(0);
  });

  it('leaves a story alone that fails', async () => {
    const text = good.replace('1 is leader', '2 is leader');
    const file = write('a.txt', text);
    expect((await run('--file', file, '--rewrite')).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('says in one line that it cannot write', async () => {
    mkdirSync(at('full'));
    const file = write('full/a.txt', good);
    // Whoever asks, its successor cannot be written.
    mkdirSync(`${file}.${process.pid}.tmp`);
    const { code, stderr } = await run('--file', file, '--rewrite');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^[^\n]+a\.txt: cannot write it: [^\n]*\n$/);
    expect(readFileSync(file, 'utf8')).toBe(good);
  });
});

it('raftchart scenario --help shows a story and the exit codes', () => {
  const help = execFileSync(process.execPath, ['src/cli/raftchart.ts', 'scenario', '--help'], {
    encoding: 'utf8',
  });
  expect(help).toContain('  expect 1 is leader in term 1\n');
  expect(help).toMatch(/Exit codes: 0 everything holds; 1 /);
});
