import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareTraces, firstDifference, projection } from './compare-traces.ts';

const state = { state: 'follower.leased', term: 2, votedFor: null, lastIndex: 3 };
const reject = { type: 'reject', ids: [1], leaderId: null };

const chart = (fields: object) => ({
  atMs: 10,
  type: 'chart',
  node: 1,
  before: state,
  after: state,
  transitions: [{ id: 'raft/Received/0', rule: 'Raft paper §5.1', description: 'A newer term.' }],
  effects: [reject],
  ...fields,
});

const sent = { atMs: 11, type: 'sent', message: { type: 'PreVote', from: 1, to: 2, term: 3 } };

const trace = (...events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

describe('the projection in which traces of two checkouts are compared', () => {
  it('keeps states, effects, messages and times', () => {
    const base = chart({});
    const others = [
      chart({ atMs: 10.5 }),
      chart({ node: 2 }),
      chart({ before: { ...state, state: 'candidate' } }),
      chart({ after: { ...state, term: 3 } }),
      chart({ effects: [{ ...reject, leaderId: 2 }] }),
    ];
    for (const other of others) {
      expect(firstDifference(trace(base), trace(other)), JSON.stringify(other)).not.toBeNull();
    }
    for (const kept of [chart({ effects: [], after: { ...state, votedFor: 1 } }), chart({})]) {
      expect(projection(kept)).not.toBeNull();
    }
    const later = { ...sent, message: { ...sent.message, term: 4 } };
    expect(firstDifference(trace(sent), trace(later))).toEqual({
      ours: { line: 1, event: sent },
      theirs: { line: 1, event: later },
    });
  });

  it('leaves out transitions and sentences', () => {
    const renamed = chart({ transitions: [{ id: 'raft/Received/7', rule: null, description: 'Newer.' }] });
    expect(firstDifference(trace(chart({})), trace(renamed))).toBeNull();
    for (const type of ['stopped', 'refused']) {
      expect(projection({ atMs: 1, type, node: 1, reason: 'disk' })).toEqual({ atMs: 1, type, node: 1 });
    }
    const violation = { property: 'Election Safety', message: 'two leaders', facts: ['a', 'b'] };
    expect(projection({ atMs: 1, type: 'violation', violation })).toEqual({
      atMs: 1,
      type: 'violation',
      violation: 'Election Safety',
    });
  });

  it('leaves out what a chart ignored, by a transition or by none, and counts the lines of each trace', () => {
    const ignored = chart({ effects: [] });
    expect(projection(ignored)).toBeNull();
    expect(firstDifference(trace(ignored, sent), trace(sent))).toBeNull();
    expect(firstDifference(trace(ignored, ignored, sent, sent), trace(sent, ignored))).toEqual({
      ours: { line: 4, event: sent },
      theirs: { line: 3, event: null },
    });
  });

  it('does not ask in which order a trace writes the fields of an event', () => {
    const { type, atMs, message } = sent;
    expect(firstDifference(trace(sent), trace({ message, type, atMs }))).toBeNull();
  });
});

describe('compare-traces', () => {
  const here = new URL('../..', import.meta.url).pathname;

  const compare = async (...args: readonly string[]) => {
    const lines: string[] = [];
    const code = await compareTraces([...args, '--duration', '200ms'], (line) => lines.push(line));
    return { code, lines };
  };

  it('tells equal, different and unusable checkouts apart', async () => {
    const other = mkdtempSync(join(tmpdir(), 'raftchart-other-'));
    try {
      expect(await compare(here, '1')).toEqual({
        code: 0,
        lines: ['seeds 1..1, 200ms each: 2 pairs of traces, all equal'],
      });
      await expect(compare(other, '1')).rejects.toThrow('no checkout');
      await expect(compare(here, '2..1')).rejects.toThrow('expected seeds');
      await expect(compare()).rejects.toThrow('usage:');

      // A checkout whose simulator writes one event of its own.
      mkdirSync(join(other, 'src', 'cli'), { recursive: true });
      const simulator = join(other, 'src', 'cli', 'raftchart.ts');
      const toTrace = `process.argv[process.argv.indexOf('--trace') + 1]`;
      writeFileSync(simulator, `require('node:fs').writeFileSync(${toTrace}, '{"atMs":0}')`);
      const { code, lines } = await compare(other, '1');
      expect(code).toBe(1);
      expect(lines[0]).toBe('seed 1, default faults: the traces differ');
      expect(lines[1]).toMatch(/^here, {2}line 1: \{"atMs":/);
      expect(lines[2]).toBe('there, line 1: {"atMs":0}');

      writeFileSync(simulator, '');
      await expect(compare(other, '1')).rejects.toThrow('wrote no trace');
      writeFileSync(simulator, 'process.exit(3)');
      await expect(compare(other, '1')).rejects.toThrow('raftchart simulate failed');
    } finally {
      rmSync(other, { recursive: true });
    }
  }, 120_000);

  it('ends with exit code 2 where there is nothing to compare with', () => {
    const program = new URL('./compare-traces.ts', import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [program, '/nowhere'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toBe(`/nowhere: no checkout, it has no ${join('src', 'cli', 'raftchart.ts')}\n`);
  }, 60_000);
});
