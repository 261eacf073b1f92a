import '../adapters/system/require-node.ts';

export { checkHistory, GrowingHistory } from '../check/check-history.ts';
export { type HistoryFormat, historyFormats, readRecording } from '../check/formats/read-recording.ts';
export {
  type FunctionName,
  type History,
  HistoryBuilder,
  type HistoryEvent,
  historyOf,
} from '../check/history.ts';
export {
  checkModelled,
  type Modelled,
  type ModelName,
  modelled,
  modelNames,
} from '../check/models/built-in.ts';
export { type Model, UnusableModel } from '../check/models/model.ts';
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
export type { Places, RecordedEvent, Recording } from '../check/recording.ts';
export type { CheckFigures, CheckOptions, Verdict } from '../check/verdict-of-keys.ts';
export { verdictJson, verdictText, type Wording } from '../check/verdict-text.ts';
export type { Violation } from '../check/violation.ts';
