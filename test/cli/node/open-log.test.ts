import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNamedPipe } from '../../processes/named-pipe.ts';

const module = new URL('../../../src/cli/node/open-log.ts', import.meta.url).href;
const lines = 30_000;

/** Logs some 4 MB, says on stderr that it goes on, waits for a word, and logs a last line. */
const program = `
  const { openLog } = await import(${JSON.stringify(module)});
  const { log, end } = await openLog({ logFormat: 'json', logLevel: 'info' });
  for (let at = 0; at < ${lines}; at++) log.info({ at, text: 'x'.repeat(100) }, 'line');
  await new Promise((resolve) => setImmediate(resolve));
  process.stderr.write('it goes on\\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.destroy();
  log.info({}, 'last');
  end();
`;

let child: ChildProcess;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftchart-log-'));
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const start = (output: number | 'pipe') => {
  child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', output, 'pipe'],
  });
};
const goesOn = async () => {
  let said = '';
  for await (const data of child.stderr!.iterator({ destroyOnReturn: false })) {
    said += data;
    if (said.includes('it goes on')) break;
  }
  return said;
};
/** How many lines there are, and how many are said to be lost. */
const counted = (log: string) => {
  const parsed = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; at?: number; lines?: number });
  const written = parsed.filter(({ msg }) => msg === 'line');
  expect(written.map(({ at }) => at)).toEqual(written.map((_, at) => at));
  const lost = parsed.reduce((sum, each) => sum + (each.lines ?? 0), 0);
  // That the log goes on may be said before it or after it.
  const last = parsed.some(({ msg }) => msg === 'last') ? 'last' : 'missing';
  return { written: written.length, lost, last };
};

it('a program goes on although nobody drains its log, and tells how many lines were lost once somebody does', async () => {
  start('pipe');
  expect(await goesOn()).toContain('cannot write the log, continuing without it');
  let log = '';
  child.stdout!.on('data', (data) => {
    log += data;
    if (log.includes('goes on after')) child.stdin!.end('now');
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  const { written, lost, last } = counted(log);
  expect(lost).toBeGreaterThan(0);
  expect(written + lost).toBe(lines);
  expect(last).toBe('last');
});

it('a program whose log nobody drains ends all the same', async () => {
  start('pipe');
  await goesOn();
  child.stdin!.end('now');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});

it('a log whose reader is gone costs its lines, and nothing else', async () => {
  start('pipe');
  child.stdout!.destroy();
  const said = text(child.stderr!);
  child.stdin!.end('now');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect((await said).match(/continuing without it/g)).toHaveLength(1);
});

it('a named pipe is a log whose reader may come late', async () => {
  const { reader, writer } = openNamedPipe(join(directory, 'fifo'));
  start(writer);
  closeSync(writer);
  await goesOn();
  child.stdin!.end('now');
  const closed = once(child, 'exit');
  const chunk = Buffer.alloc(1024 * 1024);
  let log = '';
  while (child.exitCode === null) {
    try {
      log += chunk.toString('latin1', 0, readSync(reader, chunk));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  closeSync(reader);
  expect(log).toContain('"msg":"last"');
});

it('a log in a file has every line, also of what was logged last', async () => {
  const path = join(directory, 'log');
  const file = openSync(path, 'a');
  start(file);
  closeSync(file);
  await goesOn();
  child.stdin!.end('now');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(counted(readFileSync(path, 'utf8'))).toMatchObject({ last: 'last' });
});
