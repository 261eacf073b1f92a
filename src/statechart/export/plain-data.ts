import { classOf, deepestLevel } from '../read/value-text.ts';
import { writtenOf } from '../read/written.ts';

/** Tells of a part that is not the same any more: where it stands, and what it was. */
export type Loss = (place: string, what: string) => void;

/** A value as JSON has it: the same where JSON has words for it, otherwise a text, or nothing for `undefined` and functions. */
export const plainData = (value: unknown, place: string, lose: Loss): unknown =>
  plain(value, place, lose, []);

const plain = (value: unknown, place: string, lose: Loss, around: readonly object[]): unknown => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value;
  if (value === undefined || typeof value === 'function') {
    lose(place, typeof value);
    return undefined;
  }
  if (typeof value !== 'object') {
    lose(place, typeof value);
    return writtenOf(value).text;
  }
  if (around.includes(value)) {
    lose(place, 'cycle');
    return '<cycle>';
  }
  if (around.length > deepestLevel) {
    lose(place, 'depth');
    return '<too deep>';
  }
  try {
    return plainObject(value, place, lose, around);
  } catch {
    // A proxy may refuse whatever it is asked.
    lose(place, 'unreadable');
    return '<cannot be read>';
  }
};

const plainObject = (value: object, place: string, lose: Loss, around: readonly object[]): unknown => {
  const inner = [...around, value];
  if (Array.isArray(value))
    return value.map((each, at) => plain(each, `${place}[${at}]`, lose, inner) ?? null);
  const name = classOf(value);
  if (builtIn.has(name) || ArrayBuffer.isView(value)) {
    lose(place, name);
    return writtenOf(value).text;
  }
  if (name !== '') lose(place, name);
  const own = Object.getOwnPropertyDescriptors(value);
  return Object.fromEntries(
    Object.entries(own).flatMap(([key, field]) => {
      if (field.enumerable !== true) return [];
      const at = `${place}.${key}`;
      // A getter may throw, and what it returns is not what the chart writes.
      if (!('value' in field)) lose(at, 'getter');
      const made = 'value' in field ? plain(field.value, at, lose, inner) : undefined;
      return made === undefined ? [] : [[key, made] as const];
    }),
  );
};

/** Of these the fields say nothing. */
const builtIn: ReadonlySet<string> = new Set(['Date', 'Map', 'RegExp', 'Set']);
