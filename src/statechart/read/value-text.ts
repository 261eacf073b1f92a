/**
 * A text of all of a value, the same for equal ones: JSON with its keys in order, and `12n`, `undefined`, `Map {"a" => 1}` and the like
 * where JSON has nothing. `own` has the first word at each part of the value; null where it has none.
 */
export const valueText = (value: unknown, own: (part: unknown) => string | null): string =>
  textOf(value, [], own);

/** The class of an object; empty for a plain one. */
export const classOf = (value: object): string => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return '';
  const { name = '' } =
    (prototype as { readonly constructor?: { readonly name?: string } }).constructor ?? {};
  // Objects of another realm have an Object of their own.
  return name === 'Object' ? '' : name || 'a class without a name';
};

type OwnText = Parameters<typeof valueText>[1];

/** Below so many levels a value is no part of a text: nobody reads it, and calls that go deeper overflow the stack. */
export const deepestLevel = 500;

const textOf = (value: unknown, around: readonly object[], own: OwnText): string => {
  const text = own(value);
  if (text !== null) return text;
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : readableText(value, around, own);
    default:
      // -0 is not 0.
      return Object.is(value, -0) ? '-0' : String(value);
  }
};

/** A proxy may refuse whatever it is asked, and a class replace what a text is made with. */
const readableText = (value: object, around: readonly object[], own: OwnText): string => {
  if (around.length > deepestLevel) return '<too deep>';
  try {
    return objectText(value, around, own);
  } catch {
    return '<cannot be read>';
  }
};

const objectText = (value: object, around: readonly object[], own: OwnText): string => {
  if (around.includes(value)) return `<the value ${around.length - around.indexOf(value)} levels up>`;
  const inner = [...around, value];
  const text = (each: unknown): string => textOf(each, inner, own);
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (value instanceof RegExp) return String(value);
  // A field for each byte would take minutes where there are millions.
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return `${classOf(value)} [${String(value).replaceAll(',', ', ')}]`;
  if (value instanceof Map)
    return `Map {${[...value].map(([key, each]) => `${text(key)} => ${text(each)}`).join(', ')}}`;
  if (value instanceof Set) return `Set {${[...value].map(text).join(', ')}}`;
  // The message of an error is not among its keys.
  const hidden = value instanceof Error && Object.hasOwn(value, 'message') ? ['message'] : [];
  const fields = [...new Set([...Object.keys(value), ...hidden])]
    .toSorted()
    .map((key) => `${JSON.stringify(key)}: ${fieldText(value, key, text)}`);
  const name = classOf(value);
  return `${name === '' ? '' : `${name} `}{${fields.join(', ')}}`;
};

/** A getter may throw, and what it returns is not what was written. */
const fieldText = (value: object, key: string, text: (field: unknown) => string): string => {
  const field = Object.getOwnPropertyDescriptor(value, key)!;
  return 'value' in field ? text(field.value) : '<computed>';
};
