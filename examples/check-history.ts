/** Is what clients saw linearizable? Run it: `node examples/check-history.ts` */
import { checkHistory, type HistoryEvent, historyOf, verdictText } from 'raftchart/check';

const events: readonly HistoryEvent[] = [
  { process: 1, type: 'invoke', f: 'write', key: 'x', value: 1 },
  { process: 1, type: 'ok', f: 'write', key: 'x', value: 1 },
  { process: 2, type: 'invoke', f: 'read', key: 'x' },
  { process: 2, type: 'ok', f: 'read', key: 'x', value: 1 },
  { process: 3, type: 'invoke', f: 'read', key: 'x' },
  // Stale: 1 was acknowledged before this read began.
  { process: 3, type: 'ok', f: 'read', key: 'x', value: null },
];

console.log(verdictText(checkHistory(historyOf(events.slice(0, 4)))).trimEnd());
console.log(verdictText(checkHistory(historyOf(events))).trimEnd());
