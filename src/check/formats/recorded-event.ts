import { excerpt } from '../excerpt.ts';
import { type EventType, type ProcessId, UnreadableHistory } from '../operation.ts';
import { type Fields, isFields, type RecordedEvent } from '../recording.ts';

export const eventTypes: readonly string[] = ['invoke', 'ok', 'fail', 'info'] satisfies EventType[];

/** An event from its fields, as in NDJSON and in Jepsen's EDN; null for one of a nemesis. Throws `UnreadableHistory`. */
export const recordedEvent = (fields: unknown, position: number): RecordedEvent | null => {
  if (!isFields(fields)) {
    throw new UnreadableHistory(position, `expected an event with its fields, not ${excerpt(fields)}`);
  }
  const { process, type, ...data } = fields;
  if (process === 'nemesis') return null;
  if (!isName(process))
    throw new UnreadableHistory(position, unfit('process', process, 'a number or a string'));
  if (!isOneOf(eventTypes, type))
    throw new UnreadableHistory(position, unfit('type', type, eventTypes.join(', ')));
  return { process: process as ProcessId, type: type as EventType, data: withoutTimes(data), position };
};

/** When and where an event happened is no part of an operation. */
const withoutTimes = ({ time: _, index: __, ...data }: Fields): Fields => data;

export const isName = (value: unknown): value is string | number =>
  typeof value === 'string' || Number.isSafeInteger(value);

export const isOneOf = (names: readonly string[], value: unknown): value is string =>
  typeof value === 'string' && names.includes(value);

export const unfit = (name: string, value: unknown, wanted: string): string =>
  value === undefined
    ? `${name} is missing (${wanted})`
    : `${name} is ${excerpt(value)}, not ${wanted.includes(',') && !wanted.includes(' or ') ? 'one of ' : ''}${wanted}`;
