/**
 * The linearizability checker against brute force, and its CPU time on histories of 10,000 operations by 10 clients.
 * Run: node bench/check.ts
 */
import fc from 'fast-check';
import { checkHistory } from '../src/check/check-history.ts';
import { type HistoryEvent, historyOf } from '../src/check/history.ts';
import { bruteForceShortestPrefix } from '../test/check/brute-force.ts';
import { type LargeHistoryOptions, largeHistory, withStaleRead } from '../test/check/large-histories.ts';
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

const workloads: readonly (readonly [
  string,
  Omit<LargeHistoryOptions, 'seed' | 'operationCount' | 'clientCount'>,
])[] = [
  ['register, 5 keys', { keyCount: 5, infoShare: 0, mix: { read: 2, write: 1, cas: 1, delete: 1 } }],
  ['the same, 1 key', { keyCount: 1, infoShare: 0, mix: { read: 2, write: 1, cas: 1, delete: 1 } }],
  ['5 values, 1 key', { keyCount: 1, infoShare: 0, valueCount: 5, mix: { read: 1, write: 1, cas: 1 } }],
  ['mostly writes, 1 key', { keyCount: 1, infoShare: 0, mix: { read: 1, write: 9 } }],
  ['appends, 5 keys', { keyCount: 5, infoShare: 0, mix: { read: 1, append: 1 } }],
];

const timed = (name: string, events: readonly HistoryEvent[]): void => {
  const start = process.cpuUsage().user;
  const verdict = checkHistory(historyOf(events), { maxConfigurations: 20_000_000 });
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

agreement(10_000);
console.log('\n10,000 operations, 10 clients   infos verdict      configurations    CPU');
for (const infoShare of [0, 0.02, 0.1]) {
  for (const [name, workload] of workloads) {
    const events = largeHistory({ ...workload, infoShare, seed: 1, operationCount: 10_000, clientCount: 10 });
    timed(name, events);
    if (workload.valueCount === undefined) timed('  a stale read at 90%', withStaleRead(events, 0.9).events);
    else timed('  an unwritten value', withUnwrittenValue(events, 0.9));
  }
}
