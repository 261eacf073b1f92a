import { isOneOf, unfit } from '../formats/recorded-event.ts';
import { type FunctionName, type History, HistoryBuilder, type HistoryEvent } from '../history.ts';
import { type EventType, type Key, type ProcessId, UnreadableHistory, type Value } from '../operation.ts';
import { type Fields, isFields, type RecordedEvent, type Recording } from '../recording.ts';
import { inputFields, isTuple, keyOf, scalarOf } from './operation-fields.ts';

/** Keys that hold one value each: `read`, `write`, `cas`, `append`, `delete`. Throws `UnreadableHistory`. */
export const keyValueHistory = (recording: Recording): History => historyBy(recording, new KeyValueReader());

/** One object that holds a value, and no keys. Throws `UnreadableHistory`. */
export const registerHistory = (recording: Recording): History =>
  historyBy(recording, new KeyValueReader('register'));

const historyBy = ({ events }: Recording, reader: KeyValueReader): History => {
  const builder = new HistoryBuilder();
  for (const event of events) builder.add(reader.event(event), event.position);
  return builder.history();
};

const functionNames: readonly string[] = [
  'read',
  'write',
  'cas',
  'append',
  'delete',
] satisfies FunctionName[];

const aliases: Readonly<Record<string, FunctionName>> = { get: 'read', put: 'write', del: 'delete' };

/** What an invocation says of how its completion is written. */
interface Form {
  readonly f: unknown;
  /** Whether the key is in the value, `[key value]`, as in Jepsen's independent tests. */
  readonly hasTuple: boolean;
}

export class KeyValueReader {
  readonly #onlyKey: Key | undefined;
  readonly #forms = new Map<ProcessId, Form>();

  /** With `onlyKey` there is one object, which the history does not name. */
  constructor(onlyKey?: Key) {
    this.#onlyKey = onlyKey;
  }

  /** Throws `UnreadableHistory`. */
  event(event: RecordedEvent): HistoryEvent {
    const { process, type, position } = event;
    const { f, ...fields } = this.#fields(event);
    if (f !== undefined && !isOneOf(functionNames, f)) {
      throw new UnreadableHistory(position, unfit('f', f, functionNames.join(', ')));
    }
    return {
      process,
      type: type === 'ok' && fields.ok === false ? 'fail' : type,
      ...(f === undefined ? {} : { f: f as FunctionName }),
      ...(fields.key === undefined ? {} : { key: keyOf(fields.key, position) }),
      ...valueField(fields, 'value', position),
      ...valueField(fields, 'from', position),
      ...valueField(fields, 'to', position),
      ...existedField(type, fields, position),
    };
  }

  #fields(event: RecordedEvent): Fields {
    const { process, type, position } = event;
    const written = isFields(event.data) ? event.data : {};
    const data = type === 'invoke' ? inputFields(event.data, position) : written;
    const f = typeof data.f === 'string' ? (aliases[data.f] ?? data.f) : data.f;
    if (type === 'invoke') {
      const hasTuple =
        this.#onlyKey === undefined && data.key === undefined && isTuple(data.value) && f !== 'cas';
      const isTupleOfCas = f === 'cas' && isTuple(data.value) && Array.isArray(data.value[1]);
      this.#forms.set(process, { f, hasTuple: hasTuple || isTupleOfCas });
    }
    const form = this.#forms.get(process);
    // An output may be the value alone.
    if (!isFields(event.data)) return resultFields(form?.f, event.data);
    let fields: Fields = { ...data, f };
    if (form?.hasTuple === true && isTuple(data.value)) {
      fields = { ...fields, key: data.value[0], value: data.value[1] };
    }
    if (form?.f === 'cas' && Array.isArray(fields.value) && fields.value.length === 2) {
      fields = { ...fields, value: undefined, from: fields.value[0], to: fields.value[1] };
    }
    return this.#onlyKey === undefined ? keyed(fields, event) : unkeyed(fields, this.#onlyKey, event);
  }
}

const keyed = (fields: Fields, { type, position }: RecordedEvent): Fields => {
  if (type === 'invoke' && fields.f !== undefined && fields.key === undefined) {
    throw new UnreadableHistory(
      position,
      'an invocation needs a key; the model register is for one object without keys',
    );
  }
  return fields;
};

const unkeyed = (fields: Fields, onlyKey: Key, { position }: RecordedEvent): Fields => {
  if (fields.key !== undefined) {
    throw new UnreadableHistory(position, 'a register has no key; the model kv is for several');
  }
  return { ...fields, key: onlyKey };
};

const resultFields = (f: unknown, result: unknown): Fields => {
  if (f === 'read') return { value: result };
  if (f === 'cas') return { ok: result !== false };
  return f === 'delete' && typeof result === 'boolean' ? { existed: result } : {};
};

/** Only an ok delete tells it; elsewhere the field means nothing. Null is as good as none. */
const existedField = (
  type: EventType,
  { existed }: Fields,
  position: number,
): Pick<HistoryEvent, 'existed'> => {
  if (type !== 'ok' || existed === undefined || existed === null) return {};
  if (typeof existed !== 'boolean')
    throw new UnreadableHistory(position, unfit('existed', existed, 'true or false'));
  return { existed };
};

const valueField = (
  fields: Fields,
  name: 'value' | 'from' | 'to',
  position: number,
): Partial<Record<typeof name, Value>> =>
  fields[name] === undefined ? {} : { [name]: scalarOf(name, fields[name], position) };
