/**
 * The linearizability checker against brute force, its CPU time on histories of 10,000 operations by 20 clients on one key and on histories of ranges and
 * transactions, and the time of the whole command on 100,000 operations. Run: node bench/check.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkHistory } from '../src/check/check-history.ts';
import { type HistoryEvent, historyOf } from '../src/check/history.ts';
import { checkModelled, modelled } from '../src/check/models/built-in.ts';
import { bruteForceShortestPrefix } from '../test/check/brute-force.ts';
import { type LargeHistoryOptions, largeHistory, withStaleRead } from '../test/check/large-histories.ts';
import { largeTxnHistory } from '../test/check/large-txn-histories.ts';
import { smallHistory } from '../test/check/small-histories.ts';

const agreement = (runs: number): void => {
  let agreed = 0;
  let linearizable = 0;
  for (const events of fc.sample(smallHistory, { numRuns: runs, seed: 1 })) {
    const verdict = checkHistory(historyOf(events));
    const position = verdict.result === 'notLinearizable' ? verdict.violations[0].position : null;
    const expected = bruteForceShortestPrefix(events);
    if (expected === null) linearizable += 1;
    if (position === expected) agreed += 1;
    else console.log(`disagreement, brute force says ${expected}, not ${position}:`, JSON.stringify(events));
  }
  console.log(
    `agreement with brute force: ${agreed} of ${runs} small histories (${linearizable} linearizable)`,
  );
};

type Workload = Pick<LargeHistoryOptions, 'mix' | 'valueCount'> & { readonly keyCount?: number };

/** On one key, but for appends, whose texts grow long. Values that repeat are the hard case: who wrote what was read? */
const workloads: readonly (readonly [string, Workload])[] = [
  ['read, write, cas', { mix: { read: 2, write: 1, cas: 1 } }],
  ['the same and delete', { mix: { read: 2, write: 1, cas: 1, delete: 1 } }],
  ['mostly writes', { mix: { read: 1, write: 9 } }],
  ['appends, 10 keys', { mix: { read: 1, append: 1 }, keyCount: 10 }],
  ['3 values, mostly cas', { mix: { read: 1, write: 1, cas: 3 }, valueCount: 3 }],
  ['5 values', { mix: { read: 2, write: 1, cas: 1 }, valueCount: 5 }],
  ['5 values, delete', { mix: { read: 2, write: 2, cas: 1, delete: 1 }, valueCount: 5 }],
  ['5 values, mostly writes', { mix: { read: 1, write: 9 }, valueCount: 5 }],
  ['20 values', { mix: { read: 2, write: 1, cas: 1 }, valueCount: 20 }],
  ['20 values, no cas', { mix: { read: 1, write: 1 }, valueCount: 20 }],
  ['100 values, no cas', { mix: { read: 1, write: 3 }, valueCount: 100 }],
];

const timed = (name: string, events: readonly HistoryEvent[]): void => {
  const start = process.cpuUsage().user;
  const verdict = checkHistory(historyOf(events), { maxConfigurations: 50_000_000 });
  const seconds = ((process.cpuUsage().user - start) / 1e6).toFixed(2);
  const what =
    verdict.result === 'notLinearizable' ? `violation at ${verdict.violations[0].position}` : verdict.result;
  const infos = events.filter(({ type }) => type === 'info').length;
  console.log(
    `${name.padEnd(24)} ${String(infos).padStart(5)} ${what.padEnd(22)} ${String(verdict.configurationCount).padStart(9)} ${seconds.padStart(7)} s`,
  );
};

/** Where values repeat, an old one may be a new one; this one was never there. */
const withUnwrittenValue = (events: readonly HistoryEvent[], share: number): readonly HistoryEvent[] => {
  const isRead = ({ type, f }: HistoryEvent): boolean => type === 'ok' && f === 'read';
  const index = events.findIndex((event, at) => at > share * events.length && isRead(event));
  return events.with(index, { ...events[index]!, value: 'never written' });
};

/** Of the whole command, three times: reading the file included. */
const command = (name: string, events: readonly HistoryEvent[]): void => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-bench-'));
  const file = join(folder, 'history.ndjson');
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const seconds = [1, 2, 3].map(() => {
    const start = performance.now();
    const { stdout } = spawnSync(process.execPath, ['src/cli/raftchart.ts', 'check', file], {
      encoding: 'utf8',
    });
    return { time: (performance.now() - start) / 1000, verdict: stdout.split('\n')[0]! };
  });
  rmSync(folder, { recursive: true });
  const median = seconds.toSorted((a, b) => a.time - b.time)[1]!;
  console.log(`${name.padEnd(34)} ${median.time.toFixed(2).padStart(7)} s  ${median.verdict}`);
};

agreement(10_000);
console.log('\n100,000 operations by 20 clients, the whole command, median of three');
for (const keyCount of [100, 10]) {
  const mix = { read: 2, write: 1, cas: 1 };
  const events = largeHistory({
    mix,
    keyCount,
    infoShare: 0.01,
    seed: 1,
    operationCount: 100_000,
    clientCount: 20,
  });
  command(`${keyCount} keys`, events);
  command(`${keyCount} keys, a stale read at 90%`, withStaleRead(events, 0.9).events);
}
console.log('\n10,000 operations, 20 clients, 1 key infos verdict       configurations    CPU');
for (const infoShare of [0, 0.02, 0.05]) {
  for (const [name, workload] of workloads) {
    const size = { keyCount: 1, seed: 1, operationCount: 10_000, clientCount: 20 };
    const events = largeHistory({ ...size, ...workload, infoShare });
    timed(name, events);
    if (workload.valueCount === undefined) timed('  a stale read at 90%', withStaleRead(events, 0.9).events);
    else timed('  an unwritten value', withUnwrittenValue(events, 0.9));
  }
}

console.log('\nranges and 20 % transactions, 10 clients, 5 keys, of which is told');
for (const operationCount of [1000, 10_000]) {
  for (const infoShare of [0, 0.02]) {
    for (const [name, told] of [
      ['values', { shown: ['value'] }],
      ['values, revisions', { shown: ['value', 'modRevision'], tellsRevision: true }],
    ] as const) {
      const size = { seed: 1, operationCount, clientCount: 10, keyCount: 5, txnShare: 0.2 };
      const events = largeTxnHistory({ ...size, ...told, infoShare });
      const start = process.cpuUsage().user;
      const verdict = checkModelled(modelled({ events, places: { noun: 'event' } }, 'kv-txn'), {
        maxConfigurations: 1_000_000,
      });
      const seconds = ((process.cpuUsage().user - start) / 1e6).toFixed(2);
      console.log(
        `${String(operationCount).padStart(6)} operations, ${infoShare * 100} % infos, ${name.padEnd(18)} ${verdict.result.padEnd(13)} ${String(verdict.configurationCount).padStart(8)} ${seconds.padStart(7)} s`,
      );
    }
  }
}
