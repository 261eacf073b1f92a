import { classOf } from '../read/value-text.ts';

/** A value cannot be written as source text: one line. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
}

/** A value as an expression of JavaScript. Throws `NotWritable` for functions, symbols, objects of classes, and what holds itself. */
export const jsLiteral = (value: unknown): string => literalOf(value, []);

const literalOf = (value: unknown, around: readonly object[]): string => {
  switch (typeof value) {
    case 'string':
      // As in a script that is part of a page.
      return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
    case 'bigint':
      return `${value}n`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return value === null ? 'null' : objectLiteral(value, around);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return String(value);
    default:
      throw new NotWritable(
        `a ${typeof value} in the payload of an event cannot be written into a test file`,
      );
  }
};

const objectLiteral = (value: object, around: readonly object[]): string => {
  if (around.includes(value))
    throw new NotWritable(
      'an object in the payload of an event holds itself and cannot be written into a test file',
    );
  const inner = [...around, value];
  const literal = (each: unknown): string => literalOf(each, inner);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return `new Error(${jsLiteral(value.message)})`;
  if (value instanceof Map) return `new Map(${literal([...value])})`;
  if (value instanceof Set) return `new Set(${literal([...value])})`;
  const name = classOf(value);
  if (name !== '') {
    throw new NotWritable(
      `an object of ${name} in the payload of an event cannot be written into a test file`,
    );
  }
  const fields = Object.entries(value).map(([key, each]) => `${keyLiteral(key)}: ${literal(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
};

const keyLiteral = (key: string): string => {
  // As a key of a literal, it would set the prototype.
  if (key === '__proto__') return '["__proto__"]';
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key);
};
