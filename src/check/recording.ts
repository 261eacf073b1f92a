import type { EventType, ProcessId, Value } from './operation.ts';

/** What was recorded of one client's operation, before a model gives it a meaning. */
export interface RecordedEvent {
  readonly process: ProcessId;
  readonly type: EventType;
  /** Of an invocation the input, of a completion the output: in most formats an object with `f`, `key` and `value`. */
  readonly data: unknown;
  /** Ascends. */
  readonly position: number;
}

/** How positions are told to people: by line, by number, or by the time that was recorded. */
export interface Places {
  readonly noun: 'line' | 'event' | 'time';
  /** Of position p the place is `names[p - 1]`; without, p itself. */
  readonly names?: readonly string[];
}

export interface Recording {
  /** In order of position, those of a nemesis left out. */
  readonly events: readonly RecordedEvent[];
  readonly places: Places;
  /** What each key holds at the beginning, where the format says so. */
  readonly initial?: Value;
}

export const placeName = ({ names }: Places, position: number): string =>
  names?.[position - 1] ?? String(position);

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
