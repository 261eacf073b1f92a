import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, raftchart } from '../run-raftchart.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const saved = (name: string, text: string | Buffer): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const check = (...args: readonly string[]): Promise<Ended> => raftchart('check', ...args);

/** One line on stderr and exit code 2. */
const expectRefused = async (args: readonly string[], line: string | RegExp): Promise<void> => {
  const { code, stdout, stderr } = await check(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^[^\n]*\n$/);
  expect(stderr.trimEnd()).toMatch(line);
};

test.for<readonly [file: string, code: number, first: string, ...flags: string[]]>([
  ['stale-read.ndjson', 1, 'not linearizable: 4 operations on 1 key'],
  ['register.edn', 0, 'linearizable: 5 operations on 1 key', '--model', 'register'],
  ['independent-keys.edn', 0, 'linearizable: 4 operations on 2 keys'],
  ['list-append.edn', 1, 'not linearizable: 3 operations on 1 key', '--model', 'list-append'],
  ['set.edn', 0, 'linearizable: 4 operations on 1 key', '--model', 'set'],
  ['lock.ndjson', 1, 'not linearizable: 3 operations on 1 key', '--model', 'lock'],
  ['transactions.ndjson', 1, 'not linearizable: 5 operations on 1 key', '--model', 'kv-txn'],
  ['etcd.log', 0, 'linearizable: 5 operations on 1 key', '--model', 'register'],
  ['porcupine-kv.txt', 0, 'linearizable: 4 operations on 1 key'],
  ['operations.json', 1, 'not linearizable: 3 operations on 1 key'],
])('check judges the example %s', async ([file, code, first, ...flags]) => {
  const ended = await check(`examples/histories/${file}`, ...flags);
  expect(ended).toMatchObject({ code, stderr: '' });
  expect(ended.stdout.split('\n')[0]).toBe(first);
});

test('check tells times of operations, and values in the words of the model', async () => {
  const { stdout } = await check('examples/histories/operations.json');
  expect(stdout).toContain(
    'What had happened up to time 90 cannot be explained; without that return it can.',
  );
  expect(stdout).toContain('process 2/3 read null, times 80-90, ok');
  const lists = await check('examples/histories/list-append.edn', '--model', 'list-append');
  expect(lists.stdout).toContain(
    'key 1: process 0 r 1 [1,2], lines 5-6, ok\n  The key can only have held [2, 1] meanwhile.',
  );
  const json = await check(
    'examples/histories/list-append.edn',
    '--model',
    'list-append',
    '--format',
    'json',
  );
  expect(JSON.parse(json.stdout).violations[0]).toMatchObject({ key: 1, operation: { text: 'r 1 [1,2]' } });
});

test('check takes what keys hold at the beginning', async () => {
  const file = saved(
    'zero.edn',
    '{:process 0 :type :invoke :f :read :value nil}\n{:process 0 :type :ok :f :read :value 0}\n',
  );
  expect((await check(file, '--model', 'register')).code).toBe(1);
  expect((await check(file, '--model', 'register', '--initial', '0')).code).toBe(0);
  await expectRefused([file, '--initial', '[1]'], /'--initial <json>' argument '\[1\]' is invalid/);
});

test('check refuses what is no history, in one line', async () => {
  await expectRefused([saved('empty', '')], /empty: line 1: an empty history$/);
  await expectRefused([saved('binary', Buffer.from([0x7f, 0x45, 0, 1]))], /not a text/);
  await expectRefused([folder], /: is a directory$/);
  await expectRefused([join(folder, 'absent')], /: no such file$/);
  await expectRefused(
    [saved('cut.edn', '{:process 0, :ty')],
    /line 1: the map that begins here has no end: expected }$/,
  );
  await expectRefused(
    [saved('a.ndjson', '{}'), '--from', 'csv'],
    /Allowed choices are ndjson, edn, porcupine, operations/,
  );
  const file = 'examples/histories/register.edn';
  await expectRefused(
    [file],
    /line 1: an invocation needs a key; the model register is for one object without keys$/,
  );
  await expectRefused([file, '--from', 'ndjson'], /line 1: not JSON/);
  await expectRefused(
    [file, '--model', 'queue'],
    /^no model and no file called queue; models: kv, register, set, list-append, lock, kv-txn$/,
  );
  await expectRefused([file, '--model', 'lock'], /line 1: f is "read", not one of acquire, release$/);
  const txn = saved('txn.edn', '{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil] [:append 2 3]]}');
  await expectRefused(
    [txn, '--model', 'list-append'],
    /line 1: a transaction of the keys 1 and 2: list-append checks transactions of one key each; Elle checks the others$/,
  );
});

test('check asks a model of its own, and blames it for what it does wrong', async () => {
  const tickets = 'examples/histories/tickets.ndjson';
  const module = (name: string, text: string): string => saved(`${name}.mjs`, text);
  const own = await check(tickets, '--model', './examples/ticket-model.ts');
  expect(own).toEqual({ code: 0, stdout: 'linearizable: 4 operations on 1 key\n', stderr: '' });
  const strict = module(
    'strict',
    'export const init = 0; export const step = (s, i, o) => ({ ok: o?.ticket === s + 1, state: s + 1 });',
  );
  expect((await check(tickets, '--model', strict)).code).toBe(1);
  const bad = (text: string, line: RegExp, name = 'bad'): Promise<void> =>
    expectRefused([tickets, '--model', module(name, text)], line);
  await bad('export const init = 0;', /bad\.mjs: it exports no function step$/);
  await bad('export const step = () => 1;', /bad-1\.mjs: it exports no init$/, 'bad-1');
  await bad('export default {', /bad-2\.mjs: cannot be loaded: /, 'bad-2');
  await bad(
    'export const init = 0; export const step = () => { throw new Error("no\\nidea"); };',
    /bad-3\.mjs: step throws: no$/,
    'bad-3',
  );
  await bad(
    'export const init = 0; export const step = () => true;',
    /bad-4\.mjs: step returned true, not \{ ok, state \}$/,
    'bad-4',
  );
  await bad(
    'export const init = { n: 0 }; export const step = (state) => { state.n += 1; return { ok: true, state }; };',
    /bad-5\.mjs: step throws: Cannot assign to read only property/,
    'bad-5',
  );
  await bad(
    'export const init = 0; export const step = (s) => ({ ok: true, state: s }); export const partition = () => ({});',
    /bad-6\.mjs: partition returned \{\}, not a string or a number$/,
    'bad-6',
  );
});

test('check ends with the verdict, whatever a model keeps open, and says what else became of it', async () => {
  const tickets = 'examples/histories/tickets.ndjson';
  const fine = 'export const init = 0; export const step = (s) => ({ ok: true, state: s });';
  const model = (name: string, text: string): string => saved(`${name}.mjs`, `${fine}\n${text}`);
  const isFine = { code: 0, stdout: 'linearizable: 4 operations on 1 key\n', stderr: '' };
  expect(await check(tickets, '--model', model('timer', 'setInterval(() => {}, 1000);'))).toEqual(isFine);
  const server = 'import net from "node:net"; net.createServer().listen(0, "127.0.0.1");';
  expect(await check(tickets, '--model', model('server', server))).toEqual(isFine);
  await expectRefused(
    [tickets, '--model', model('exits', 'process.exit(0);')],
    /exits\.mjs: has ended the check by process\.exit$/,
  );
  await expectRefused(
    [tickets, '--model', model('rejects', 'Promise.reject(new Error("later\\non"));')],
    /rejects\.mjs: throws outside of its functions: later$/,
  );
});

test('check gives up after --timeout, even on a model that never returns', async () => {
  const tickets = 'examples/histories/tickets.ndjson';
  const endless = saved('endless.mjs', 'export const init = 0; export const step = () => { for (;;); };');
  await expectRefused(
    [tickets, '--model', endless, '--timeout', '300ms'],
    /tickets\.ndjson: no verdict within 300 ms$/,
  );
  expect((await check(tickets, '--model', './examples/ticket-model.ts', '--timeout', '1m')).code).toBe(0);
  await expectRefused([tickets, '--timeout', 'soon'], /expected a duration such as 500ms, 2s or 1m/);
});

test('what a model prints while it is imported stays out of the verdict', async () => {
  const model = saved(
    'loud.mjs',
    'console.log("hello"); export const init = 0; export const step = (s) => ({ ok: true, state: s });',
  );
  const ended = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const args = ['src/cli/raftchart.ts', 'check', 'examples/histories/tickets.ndjson', '--model', model];
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
  expect(ended).toEqual({ code: 0, stdout: 'linearizable: 4 operations on 1 key\n', stderr: 'hello\n' });
});

test('check --html writes one file that loads nothing, and in which texts of the history are texts', async () => {
  const nasty = '</script><img src=x onerror=alert(1)>';
  const lines = [
    { process: nasty, type: 'invoke', f: 'write', key: nasty, value: nasty },
    { process: nasty, type: 'ok', f: 'write', key: nasty, value: nasty },
    { process: 2, type: 'invoke', f: 'read', key: nasty },
    { process: 2, type: 'ok', f: 'read', key: nasty, value: null },
  ];
  const file = saved('nasty.ndjson', lines.map((each) => JSON.stringify(each)).join('\n'));
  const html = join(folder, 'nasty.html');
  expect((await check(file, '--html', html)).code).toBe(1);
  const page = readFileSync(html, 'utf8');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toContain('<img');
  expect(page).not.toMatch(/<(?:link|img|iframe|script\s+src)\b|https?:|@import|url\(/);
  await expectRefused(
    [file, '--html', join(folder, 'no/such/folder.html')],
    /folder\.html: cannot be written \(ENOENT\)$/,
  );
});
