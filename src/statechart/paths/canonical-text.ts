import { isActorRef } from '../read/xstate-internals.ts';

/** A text that is the same for equal values: keys in order, Maps, Sets, Dates and cycles included. An actor counts by its id alone. */
export const canonicalText = (value: unknown): string => textOf(value, []);

/** An id that XState gave an actor counts up, whatever the machine does. */
export const actorName = (id: string): string => (/^x:\d+$/.test(id) ? 'without an id' : id);

const textOf = (value: unknown, around: readonly object[]): string => {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(actorName(value));
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `<function ${value.name}>`;
    case 'object':
      return value === null ? 'null' : objectText(value, around);
    default:
      // -0 is not 0.
      return Object.is(value, -0) ? '-0' : String(value);
  }
};

const objectText = (value: object, around: readonly object[]): string => {
  const depth = around.indexOf(value);
  if (depth >= 0) return `<${around.length - depth} levels up>`;
  if (isActorRef(value)) return `<actor ${actorName(value.id)}>`;
  const inner = [...around, value];
  const text = (each: unknown): string => textOf(each, inner);
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (value instanceof Date) return `<date ${value.getTime()}>`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return `<${value.name} ${JSON.stringify(value.message)}>`;
  if (value instanceof Map) {
    return `<map ${[...value].map(([key, each]) => `${text(key)}:${text(each)}`).join()}>`;
  }
  if (value instanceof Set) return `<set ${[...value].map(text).join()}>`;
  const record = value as Readonly<Record<string, unknown>>;
  const fields = Object.keys(record)
    .toSorted()
    // What is not there and what is undefined read the same.
    .flatMap((key) => (record[key] === undefined ? [] : [`${JSON.stringify(key)}:${text(record[key])}`]));
  return `{${fields.join()}}`;
};
