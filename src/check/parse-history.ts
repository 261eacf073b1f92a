import type { HistoryEvent } from './history.ts';
import { type FunctionName, type History, HistoryBuilder } from './history.ts';
import type { Key, ProcessId, Value } from './operation.ts';
import { type EventType, UnreadableHistory } from './operation.ts';

/** Reads a history in NDJSON: one event a line. Throws `UnreadableHistory`. docs/histories.md */
export const parseHistory = (text: string): History => {
  const parser = new HistoryParser();
  for (const line of text.split('\n')) parser.line(line);
  return parser.history();
};

/** `parseHistory` for lines that arrive one by one, without their ends. Rejects with `UnreadableHistory`. */
export const parseHistoryLines = async (lines: AsyncIterable<string>): Promise<History> => {
  const parser = new HistoryParser();
  for await (const line of lines) parser.line(line);
  return parser.history();
};

class HistoryParser {
  readonly #builder = new HistoryBuilder();
  #line = 0;

  /** Blank lines and the events of a nemesis, which Jepsen writes into the same file, are skipped. */
  line(text: string): void {
    this.#line += 1;
    const trimmed = this.#line === 1 ? text.replace(/^\uFEFF/, '').trim() : text.trim();
    if (trimmed === '') return;
    const fields = objectIn(trimmed, this.#line);
    const { process } = fields;
    if (process === 'nemesis') return;
    this.#builder.add(eventOf(fields, this.#line), this.#line);
  }

  history(): History {
    return this.#builder.history();
  }
}

type Fields = Readonly<Record<string, unknown>>;

const objectIn = (text: string, line: number): Fields => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UnreadableHistory(line, `not JSON: ${excerpt(text)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UnreadableHistory(line, `not a JSON object: ${excerpt(text)}`);
  }
  return parsed as Fields;
};

const eventTypes: readonly string[] = ['invoke', 'ok', 'fail', 'info'] satisfies EventType[];
const functionNames: readonly string[] = [
  'read',
  'write',
  'cas',
  'append',
  'delete',
] satisfies FunctionName[];

const eventOf = (fields: Fields, line: number): HistoryEvent => {
  const { process, type, f, key } = fields;
  if (!isName(process)) throw new UnreadableHistory(line, unfit('process', process, 'a number or a string'));
  if (!isOneOf(eventTypes, type))
    throw new UnreadableHistory(line, unfit('type', type, eventTypes.join(', ')));
  const names = functionNames.join(', ');
  if (f !== undefined && !isOneOf(functionNames, f)) throw new UnreadableHistory(line, unfit('f', f, names));
  if (key !== undefined && !isName(key)) {
    throw new UnreadableHistory(line, unfit('key', key, 'a string or a number'));
  }
  return {
    process: process as ProcessId,
    type: type as EventType,
    ...(f === undefined ? {} : { f: f as FunctionName }),
    ...(key === undefined ? {} : { key: key as Key }),
    ...valueField(fields, 'value', line),
    ...valueField(fields, 'from', line),
    ...valueField(fields, 'to', line),
    ...existedField(fields, line),
  };
};

/** Only an ok delete tells it; elsewhere the field means nothing. Null is as good as none. */
const existedField = ({ type, existed }: Fields, line: number): Pick<HistoryEvent, 'existed'> => {
  if (type !== 'ok' || existed === undefined || existed === null) return {};
  if (typeof existed !== 'boolean')
    throw new UnreadableHistory(line, unfit('existed', existed, 'true or false'));
  return { existed };
};

const valueField = (fields: Fields, name: 'value' | 'from' | 'to', line: number): Record<string, Value> => {
  const value = fields[name];
  if (value === undefined) return {};
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return { [name]: value };
  if (typeof value !== 'number') {
    throw new UnreadableHistory(line, unfit(name, value, 'a string, a number, true, false or null'));
  }
  // Beyond 2^53 two different numbers of the file may read as one.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new UnreadableHistory(line, `${name} is beyond 2^53; write it as a string`);
  }
  return { [name]: value };
};

const isOneOf = (names: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && names.includes(value);

const isName = (value: unknown): boolean => typeof value === 'string' || Number.isSafeInteger(value);

const unfit = (name: string, value: unknown, wanted: string): string =>
  value === undefined
    ? `${name} is missing (${wanted})`
    : `${name} is ${excerpt(JSON.stringify(value))}, not ${wanted.includes(',') && !wanted.includes(' or ') ? 'one of ' : ''}${wanted}`;

const excerpt = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);
