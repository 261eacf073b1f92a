import { excerpt } from '../excerpt.ts';
import { unfit } from '../formats/recorded-event.ts';
import type { History } from '../history.ts';
import { type Effect, type Key, type Operation, UnreadableHistory, type Value } from '../operation.ts';
import { type Pair, pairsOf } from '../pairs.ts';
import type { Recording } from '../recording.ts';
import { inputFields, isTuple, keyOf, noValues, scalarOf } from './operation-fields.ts';

/**
 * Lists under keys, as in Jepsen's list-append tests: a transaction `txn` of micro-operations `["append", key, element]` and `["r", key,
 * list]`, or `append` and `r` by themselves. A transaction of one key takes effect as a whole. One of several keys is refused: to
 * judge those takes more than linearizability of each key. Throws `UnreadableHistory`.
 */
export const listAppendHistory = ({ events }: Recording): History => ({
  operations: pairsOf(events).map(operationOf),
  eventCount: events.length,
});

type MicroOperation =
  | { readonly f: 'append'; readonly key: Key; readonly element: Value }
  /** Without `list`: nobody knows what it read. */
  | { readonly f: 'r'; readonly key: Key; readonly list: readonly Value[] | undefined };

const operationOf = (pair: Pair): Operation => {
  const { process, f, outcome, invokedAt, completedAt } = pair;
  const invoked = microOperations(pair.input, false, invokedAt);
  const completed = outcome === 'ok' ? microOperations(pair.output, true, completedAt, pair.input) : invoked;
  if (!isSameShape(invoked, completed)) {
    throw new UnreadableHistory(
      completedAt,
      `the transaction differs from the invocation in line ${invokedAt}`,
    );
  }
  const keys = [...new Set(invoked.map(({ key }) => key))];
  if (keys.length > 1) {
    const names = keys.map((key) => excerpt(key)).join(' and ');
    throw new UnreadableHistory(
      invokedAt,
      `a transaction of the keys ${names}: list-append checks transactions of one key each; Elle checks the others`,
    );
  }
  if (keys.length === 0) throw new UnreadableHistory(invokedAt, 'a transaction without any operation');
  const suffix = suffixOf(invoked);
  return {
    process,
    f,
    key: keys[0]!,
    ...noValues,
    outcome,
    invokedAt,
    completedAt,
    effects: {
      open: suffix === '' ? null : { kind: 'append', suffix },
      ended: outcome === 'fail' ? null : effectOf(completed),
    },
    text: completed.map(described).join(', '),
  };
};

const microOperations = (
  data: unknown,
  isCompleted: boolean,
  position: number,
  invoked: unknown = data,
): readonly MicroOperation[] => {
  const input = inputFields(invoked, position);
  const fields = inputFields(data ?? {}, position);
  const { f } = input;
  if (f === 'txn') {
    if (!Array.isArray(fields.value)) {
      throw new UnreadableHistory(position, unfit('value', fields.value, 'a list of micro-operations'));
    }
    return fields.value.map((part) => microOperation(part, isCompleted, position));
  }
  if (f !== 'append' && f !== 'r' && f !== 'read') {
    throw new UnreadableHistory(position, unfit('f', f, 'txn, append, r'));
  }
  const name = f === 'append' ? 'append' : 'r';
  if (input.key !== undefined) {
    const value = f === 'append' ? input.value : fields.value;
    return [microOperation([name, input.key, value], isCompleted, position)];
  }
  if (!isTuple(fields.value))
    throw new UnreadableHistory(position, unfit('value', fields.value, '[key value]'));
  return [microOperation([name, ...fields.value], isCompleted, position)];
};

const microOperation = (part: unknown, isCompleted: boolean, position: number): MicroOperation => {
  const [f, key, value] = Array.isArray(part) ? part : [];
  if (f === 'append') {
    return { f, key: keyOf(key, position), element: scalarOf('the element', value, position) };
  }
  if (f !== 'r') {
    throw new UnreadableHistory(
      position,
      `expected ["append" key element] or ["r" key list], not ${excerpt(part)}`,
    );
  }
  if (!isCompleted) return { f, key: keyOf(key, position), list: undefined };
  // A list that was never appended to reads as nil.
  if (value !== null && !Array.isArray(value))
    throw new UnreadableHistory(position, unfit('the list read', value, 'a list'));
  const list = (value ?? []).map((element: unknown) => scalarOf('an element', element, position));
  return { f, key: keyOf(key, position), list };
};

const isSameShape = (a: readonly MicroOperation[], b: readonly MicroOperation[]): boolean =>
  a.length === b.length &&
  a.every((part, index) => {
    const other = b[index]!;
    if (part.f !== other.f || part.key !== other.key) return false;
    return part.f === 'r' || (other.f === 'append' && part.element === other.element);
  });

/** A list is a text of its elements, each with its end, so that a list which begins another is how its text begins. */
const textOf = (elements: readonly Value[]): string =>
  elements.map((element) => `${JSON.stringify(element)}\n`).join('');

const suffixOf = (parts: readonly MicroOperation[]): string =>
  textOf(parts.flatMap((part) => (part.f === 'append' ? [part.element] : [])));

/** What no list ever is: the effect of a transaction that contradicts itself. */
const impossible = 'no list\n';

const effectOf = (parts: readonly MicroOperation[]): Effect | null => {
  let appended = '';
  let before: string | null = null;
  for (const part of parts) {
    if (part.f === 'append') {
      appended += textOf([part.element]);
      continue;
    }
    if (part.list === undefined) continue;
    const read = textOf(part.list);
    const found = read.endsWith(appended) ? read.slice(0, read.length - appended.length) : impossible;
    before = before === null || before === found ? found : impossible;
  }
  if (before === null) return appended === '' ? null : { kind: 'append', suffix: appended };
  return appended === ''
    ? { kind: 'is', value: before }
    : { kind: 'swap', from: before, to: before + appended };
};

const described = (part: MicroOperation): string => {
  if (part.f === 'append') return `append ${JSON.stringify(part.element)} to ${JSON.stringify(part.key)}`;
  return `r ${JSON.stringify(part.key)}${part.list === undefined ? '' : ` ${excerpt(part.list, 60)}`}`;
};

/** A list from its text. */
export const listText = (state: Value): string =>
  state === impossible
    ? 'no list at all'
    : `[${String(state ?? '')
        .trimEnd()
        .split('\n')
        .join(', ')}]`;
