import { excerpt } from '../excerpt.ts';
import { isName, unfit } from '../formats/recorded-event.ts';
import { type Key, UnreadableHistory, type Value } from '../operation.ts';
import { type Fields, isFields } from '../recording.ts';

/** Of an operation whose effects say what it does. */
export const noValues = { value: null, from: null, to: null, existed: null };

/** An invocation's fields; `f` may be called `op`. */
export const inputFields = (data: unknown, position: number): Fields => {
  if (!isFields(data))
    throw new UnreadableHistory(position, `the input is ${excerpt(data)}, not an object with f`);
  return data.f === undefined && data.op !== undefined ? { ...data, f: data.op } : data;
};

/** Jepsen's independent keys: a value of two parts, where no key is named. */
export const isTuple = (value: unknown): value is readonly [Key, unknown] =>
  Array.isArray(value) && value.length === 2 && isName(value[0]);

export const keyOf = (key: unknown, position: number): Key => {
  if (!isName(key)) throw new UnreadableHistory(position, unfit('key', key, 'a string or a number'));
  return key;
};

export const scalarOf = (name: string, value: unknown, position: number): Value => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // Beyond 2^53 two different numbers of a file may read as one.
  if (typeof value === 'bigint' || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new UnreadableHistory(position, `${name} is beyond 2^53; write it as a string`);
  }
  if (typeof value !== 'number') {
    throw new UnreadableHistory(position, unfit(name, value, 'a string, a number, true, false or null'));
  }
  return value;
};
