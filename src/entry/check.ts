import '../adapters/system/require-node.ts';

export { checkHistory, GrowingHistory } from '../check/check-history.ts';
export {
  type FunctionName,
  type History,
  HistoryBuilder,
  type HistoryEvent,
  historyOf,
} from '../check/history.ts';
export {
  type EventType,
  type Key,
  type Operation,
  type Outcome,
  type ProcessId,
  UnreadableHistory,
  type Value,
} from '../check/operation.ts';
export { parseHistory, parseHistoryLines } from '../check/parse-history.ts';
export type { CheckFigures, CheckOptions, Verdict } from '../check/verdict-of-keys.ts';
export { verdictJson, verdictText } from '../check/verdict-text.ts';
export type { Violation } from '../check/violation.ts';
