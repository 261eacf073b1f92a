import { classOf, deepestLevel, valueText } from './value-text.ts';

/** What a chart writes at some place: a value, or a function that computes one when it is needed. Plain data, as all of a model is. */
export type Written =
  | {
      readonly kind: 'value';
      /** All of it, the same for equal values: JSON with its keys in order, and `12n`, `undefined`, `Map {"a" => 1}` and the like where JSON has nothing. */
      readonly text: string;
      /** The same without what the functions in it do. */
      readonly data: string;
      /** The same as JSON text, for other tools; null where JSON cannot say it. */
      readonly json: string | null;
    }
  | {
      readonly kind: 'function';
      /** Its source as it was loaded, less the indentation that all lines have. */
      readonly text: string;
      /** Empty for a function without a name. */
      readonly name: string;
    };

/** `value` as a part of a model. */
export const writtenOf = (value: unknown): Written =>
  typeof value === 'function'
    ? { kind: 'function', text: sourceOf(value), name: value.name }
    : {
        kind: 'value',
        text: valueText(value, (inner) =>
          typeof inner === 'function' ? `function ${withoutLayout(sourceOf(inner))}` : null,
        ),
        data: valueText(value, (inner) => (typeof inner === 'function' ? 'function' : null)),
        json: jsonOf(value),
      };

/** Equal for what means the same: the layout and the comments of a function do not count. */
export const meaningOf = (written: Written): string =>
  written.kind === 'value' ? written.text : `function ${withoutLayout(written.text)}`;

/** What does not change while only functions do. */
export const dataOf = (written: Written): string => (written.kind === 'value' ? written.data : 'function');

/**
 * A replacer for `JSON.stringify` that leaves out of a model what its functions do: their sources differ between a
 * clone, what was built from it and a test runner.
 */
export const withoutSources = (_: string, part: unknown): unknown => (isWritten(part) ? dataOf(part) : part);

const isWritten = (part: unknown): part is Written =>
  typeof part === 'object' &&
  part !== null &&
  'text' in part &&
  'kind' in part &&
  (part.kind === 'value' || part.kind === 'function');

const sourceOf = (value: object): string => {
  const lines = Function.prototype.toString.call(value).split('\n');
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const common = Math.min(...indents, Number.MAX_SAFE_INTEGER);
  return lines.map((line, at) => (at === 0 ? line : line.slice(common))).join('\n');
};

const tokens =
  /(?<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)|(?<comment>\/\/[^\n]*|\/\*.*?\*\/)|(?<space>\s+)|(?<word>[\p{ID_Continue}$]+)|(?<mark>.)/gsu;

/** A source without comments, and with spaces only where two words would become one. */
const withoutLayout = (source: string): string => {
  let text = '';
  let isSpaced = false;
  for (const { groups } of source.matchAll(tokens)) {
    const { string, word, mark } = groups!;
    const token = string ?? word ?? mark;
    if (token === undefined) {
      isSpaced = true;
      continue;
    }
    if (isSpaced && word !== undefined && /[\p{ID_Continue}$]$/u.test(text)) text += ' ';
    text += token;
    isSpaced = false;
  }
  return text;
};

/** What reads back as an equal value, or null. */
const jsonOf = (value: unknown): string | null => {
  try {
    return isJson(value, []) ? JSON.stringify(value) : null;
  } catch {
    // A proxy may refuse whatever it is asked.
    return null;
  }
};

const isJson = (value: unknown, around: readonly object[]): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || around.length > deepestLevel || around.includes(value)) return false;
  if (!Array.isArray(value) && classOf(value) !== '') return false;
  return Object.keys(value).every((key) => {
    const field = Object.getOwnPropertyDescriptor(value, key)!;
    return 'value' in field && isJson(field.value, [...around, value]);
  });
};
