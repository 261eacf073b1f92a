import { excerpt, shortened } from '../excerpt.ts';
import { isName, unfit } from '../formats/recorded-event.ts';
import { type Effect, type Key, type Operation, UnreadableHistory, type Value } from '../operation.ts';
import { type Pair, pairsOf } from '../pairs.ts';
import { isFields, type Recording } from '../recording.ts';
import type { Model } from './model.ts';
import { inputFields, isTuple, noValues, scalarOf } from './operation-fields.ts';

export interface SetInput {
  readonly f: 'add' | 'remove' | 'contains' | 'read';
  /** Of the set, where there are several. */
  readonly key: Key | undefined;
  readonly element: Value;
}

export interface SetPair extends Pair {
  readonly input: SetInput;
  /** Of an ok `contains` whether it is there, of an ok `read` the elements. */
  readonly output: boolean | readonly Value[] | undefined;
}

/** `add`, `remove` and `contains` of an element, and `read` of all elements. Throws `UnreadableHistory`. */
export const setPairs = ({ events }: Recording): readonly SetPair[] => pairsOf(events).map(setPair);

const setPair = (pair: Pair): SetPair => {
  const { invokedAt, completedAt, outcome } = pair;
  const { f, key: named, value: written } = inputFields(pair.input, invokedAt);
  if (f !== 'add' && f !== 'remove' && f !== 'contains' && f !== 'read') {
    throw new UnreadableHistory(invokedAt, unfit('f', f, 'add, remove, contains, read'));
  }
  const hasTuple = named === undefined && isTuple(written);
  const key = hasTuple ? written[0] : named;
  if (key !== undefined && !isName(key)) {
    throw new UnreadableHistory(invokedAt, unfit('key', key, 'a string or a number'));
  }
  const element = f === 'read' ? null : scalarOf('value', hasTuple ? written[1] : written, invokedAt);
  const input: SetInput = { f, key, element };
  if (outcome !== 'ok' || f === 'add' || f === 'remove') return { ...pair, input, output: undefined };
  const told = isFields(pair.output) ? (pair.output.result ?? pair.output.value) : pair.output;
  const result = hasTuple && isTuple(told) ? told[1] : told;
  return {
    ...pair,
    input,
    output: f === 'read' ? elementsOf(result, completedAt) : isThere(result, completedAt),
  };
};

const elementsOf = (result: unknown, position: number): readonly Value[] => {
  if (!Array.isArray(result)) {
    throw new UnreadableHistory(
      position,
      `an ok read needs the elements: value is ${excerpt(result)}, not a list`,
    );
  }
  return [...new Set(result.map((element) => scalarOf('an element', element, position)))];
};

const isThere = (result: unknown, position: number): boolean => {
  if (typeof result === 'boolean') return result;
  throw new UnreadableHistory(
    position,
    `an ok contains needs a result: it is ${excerpt(result)}, not true or false`,
  );
};

/** Without reads of all, each element is an object of its own: there or not. */
export const operationOnElement = (pair: SetPair): Operation => {
  const { process, input, output, outcome, invokedAt, completedAt } = pair;
  const { f, key, element } = input;
  const change: Effect | null =
    f === 'add' ? { kind: 'set', to: true } : f === 'remove' ? { kind: 'set', to: null } : null;
  const seen: Effect = { kind: 'is', value: output === true ? true : null };
  return {
    process,
    f,
    key: key === undefined ? JSON.stringify(element) : `${key}: ${JSON.stringify(element)}`,
    ...noValues,
    outcome,
    invokedAt,
    completedAt,
    effects: {
      open: change,
      ended: outcome === 'fail' ? null : (change ?? (outcome === 'ok' ? seen : null)),
    },
    text: described(input, output),
  };
};

/**
 * With them a set is one object: a number whose bits are its elements, since there may be ten thousand of them, and as many states to
 * remember.
 */
export const setModelOf = (pairs: readonly SetPair[]): Model<bigint, SetInput, SetPair['output']> => {
  const bits = new Map<Value, bigint>();
  const elements: Value[] = [];
  const bitOf = (element: Value): bigint => {
    const bit = bits.get(element) ?? 1n << BigInt(elements.length);
    if (bits.size < bits.set(element, bit).size) elements.push(element);
    return bit;
  };
  const setOf = (list: readonly Value[]): bigint => list.reduce((set, element) => set | bitOf(element), 0n);
  const read = new Map<SetPair['output'], bigint>();
  for (const { output } of pairs) if (Array.isArray(output)) read.set(output, setOf(output));
  return {
    init: 0n,
    step: (state, { f, element }, output) => {
      if (f === 'add') return { ok: true, state: state | bitOf(element) };
      if (f === 'remove') return { ok: true, state: state & ~bitOf(element) };
      if (output === undefined) return { ok: true, state };
      if (f === 'read') return { ok: read.get(output) === state, state };
      return { ok: ((state & bitOf(element)) !== 0n) === output, state };
    },
    equal: (a, b) => a === b,
    partition: ({ key }) => key ?? 'set',
    isReadOnly: ({ f }) => f === 'read' || f === 'contains',
    describe: described,
    describeState: (state) => textOf(elements.filter((element) => (state & bitOf(element)) !== 0n)),
  };
};

const described = ({ f, element }: SetInput, output: SetPair['output']): string => {
  const call = f === 'read' ? f : `${f} ${JSON.stringify(element)}`;
  if (output === undefined) return call;
  return `${call} → ${typeof output === 'boolean' ? output : textOf(output)}`;
};

const textOf = (elements: readonly Value[]): string =>
  shortened(`{${elements.map((element) => JSON.stringify(element)).join(', ')}}`, 120);
