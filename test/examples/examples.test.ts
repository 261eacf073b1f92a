import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InspectorServer } from '../statechart/inspect/inspector-server.ts';
import { runExample } from './run-example.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("the chart runs in an application's own XState system", async () => {
  expect(await runExample('chart-in-xstate')).toEqual([
    'leader of term 1',
    'proposal 7 stands at index 2',
    'apply: hello',
    'read 8 sees all up to index 2',
    'request 9 refused: targetUnknown',
  ]);
});

it('a simulation replicates a state machine of its own, and counts what its clients were told', async () => {
  const lines = await runExample('simulate-own', '3');
  expect(lines).toEqual([
    'every property held',
    expect.stringMatching(/^faults: [1-9]\d*, operations: [1-9]\d*, terms: [1-9]\d*$/),
    expect.stringMatching(/^acknowledged [1-9]\d* of [1-9]\d*, every node has the same sum$/),
  ]);
  expect(await runExample('simulate-own', '3')).toEqual(lines);
});

it('a story is told in code, as docs/simulator.md quotes it', async () => {
  const lines = await runExample('tell-story', '3');
  expect(lines[0]).toBe('A write to a leader that is cut off [Raft paper §5.3]');
  expect(lines.join('\n')).toMatch(
    /✓ {8}the write will never be applied\n\nHeld: what was not committed was replaced/,
  );
  const code = readFileSync(new URL('../../examples/tell-story.ts', import.meta.url), 'utf8');
  const document = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
  expect(document).toContain(code.slice(code.indexOf('\n') + 1).trimEnd());
});

it('a history is checked in code', async () => {
  const lines = await runExample('check-history');
  expect(lines[0]).toBe('linearizable: 2 operations on 1 key');
  expect(lines[1]).toBe('not linearizable: 3 operations on 1 key');
});

it('a machine of its own is drawn as Mermaid and as SVG', async () => {
  const file = join(folder, 'door.svg');
  expect((await runExample('draw-machine', file)).join('\n')).toMatch(
    /^stateDiagram-v2\n[\s\S]*door_closed --> door_open : OPEN/,
  );
  expect(readFileSync(file, 'utf8')).toMatch(/^<svg [\s\S]*A locked door stays closed\.[\s\S]*<\/svg>\s*$/);
});

it('generated paths are walked in code', async () => {
  const lines = await runExample('use-paths');
  expect(lines[0]).toBe('chart known by its hash');
  expect(lines[1]).toMatch(/^[1-9]\d* paths for a cluster of one, 0 failed$/);
  expect(lines[2]).toMatch(/^(timeout|read|transfer|propose) → \w/);
});

it('conformance is run in code, and a node that never votes fails it', async () => {
  expect((await runExample('conformance-in-code')).at(-1)).toBe('elections: failed');
  // It generates the paths first.
}, 300_000);

it('a trace is read from a file and drawn as a sequence', async () => {
  const own = await runExample('draw-trace');
  expect(own[0]).toBe('sequenceDiagram');
  expect(own.join('\n')).toContain('leader of term');
  const file = join(folder, 'trace.ndjson');
  const started = { id: 1, state: { state: 'follower.unleased', term: 0, commitIndex: 0 } };
  writeFileSync(file, `${JSON.stringify({ atMs: 0, type: 'started', node: 1, ...started })}\n`);
  expect((await runExample('draw-trace', file)).join('\n')).toContain('starts');
});

it('a cluster in memory loses its leader and goes on', async () => {
  expect(await runExample('memory-cluster')).toEqual([
    'added 1: 1',
    'added 10: 11',
    'the leader is gone',
    'added 100: 111',
    'added 0: 111',
  ]);
});

it('a command that is proposed again, to another leader, is applied once', async () => {
  expect(await runExample('sessions')).toEqual([
    'applied: 5',
    'repeated: 5',
    'applied: 6',
    'keyReused',
    'sessionExpired',
  ]);
});

it('xstate/graph finds a shortest path to each state of the chart once it is given the events', async () => {
  const lines = await runExample('xstate-graph');
  expect(lines.map((line) => line.split(':')[0])).toEqual(
    expect.arrayContaining(['candidate', 'follower.leased', 'leader', 'preCandidate']),
  );
});

it('a machine is the model of a page in Chromium', async () => {
  const [line] = await runExample('model-test-page');
  expect(line).toMatch(
    process.env.CI ? /^total +3\/3 100 %/ : /^total +3\/3 100 %|^skipped: there is no Chromium/,
  );
}, 60_000);

it('a program is inspected while it runs', async () => {
  const server = await InspectorServer.open();
  try {
    expect(await runExample('inspect-program', '1', server.url)).toEqual([`inspected at ${server.url}/`]);
    const names = server.messages.flatMap(({ type, name }) => (type === '@xstate.actor' ? [name] : []));
    expect(names).toEqual(['crossing', 'north', 'east']);
    expect(server.messages.some(({ snapshot }) => snapshot?.value === 'green')).toBe(true);
  } finally {
    await server.close();
  }
});
