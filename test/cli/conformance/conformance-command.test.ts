import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import * as generator from '../../../src/verify/paths/generate-paths.ts';
import { raftchart } from '../run-raftchart.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-conformance-'));
afterAll(() => rmSync(directory, { recursive: true }));

vi.mock('../../../src/verify/paths/generate-paths.ts', { spy: true });
beforeEach(() => {
  vi.mocked(generator.generatePaths).mockClear();
});

const started = '{"ok":true,"state":{"role":"follower","term":0,"votedFor":null,"commitIndex":0},"sent":[]}';
/** Starts nodes, and is silent for ever after anything else. */
const hanging = `while read -r line; do case "$line" in *'"init"'*) echo '${started}';; esac; done`;

const conformance = (...flags: readonly string[]) => raftchart('conformance', '--nodes', '1', ...flags);

it.each([
  ['does not start', 'exec /no/such/adapter', 'exit code 127'],
  ['talks nonsense', 'echo hello; cat', 'hello; it was asked {"do":"init"'],
])('an adapter that %s is told of before any path is generated', async (_, adapter, text) => {
  const { code, stdout, stderr } = await conformance('--adapter', adapter);
  expect(stderr).toContain(text);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(generator.generatePaths).not.toHaveBeenCalled();
});

it('an adapter that hangs again and again gets a report of what was found, as text, JUnit and JSON', async () => {
  const [junit, json] = [join(directory, 'junit.xml'), join(directory, 'report.json')];
  const flags = ['--adapter', hanging, '--timeout', '100ms', '--junit', junit, '--json', json];
  const { code, stdout } = await conformance(...flags);
  expect(code).toBe(1);
  expect(stdout).toContain('STOPPED: it hung 3 times');
  expect(stdout).toMatch(/^ +it hung: no answer to "\w+" in 100 ms$/m);
  expect(stdout).toMatch(/^paths: 3 failed, 0 passed, \d+ not applicable, [1-9]\d* not run$/m);
  const report = JSON.parse(readFileSync(json, 'utf8'));
  expect(report).toMatchObject({
    paths: { failed: 3, passed: 0 },
    stopped: expect.stringMatching(/^it hung/),
  });
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain('<failure message="it hung: ');
  expect(xml).toContain('not reached: it hung 3 times');
});

it('a report that cannot be written to its file is still told', async () => {
  const file = join(directory, 'nowhere', 'junit.xml');
  const { code, stdout, stderr } = await conformance(
    '--adapter',
    hanging,
    '--timeout',
    '50ms',
    '--junit',
    file,
  );
  expect(stdout).toContain('STOPPED: ');
  expect(stderr).toMatch(/^cannot write .*nowhere.*\n$/);
  expect(code).toBe(2);
});
