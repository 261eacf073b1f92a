/** Something in a value that JSON does not have. */
export interface Stranger {
  /** Keys from the value's own, joined by dots; empty for the value itself. */
  readonly path: string;
  readonly what: string;
  /** What becomes of it, after "JSON". */
  readonly outcome: string;
}

const tokens =
  /(?<string>"(?:[^"\\]|\\.)*")|(?<cycle><the value \d+ levels up>)|(?<computed><computed>)|(?<date>Date (?:invalid|[\dTZ:.+-]+))|(?<bigint>-?\d+n\b)|(?<number>-?\d[\d.e+-]*|-?Infinity|NaN)|(?<fn>function )|(?<symbol>Symbol\([^)]*\))|(?<named>[A-Za-z_$][\w$]*(?= \{))|(?<word>[A-Za-z_$][\w$]*)|(?<arrow>=>)|(?<regexp>\/(?:[^/\\\n]|\\.)+\/[a-z]*)|(?<mark>[{}[\],:])|\s+|./gsu;

/** Finds them in the text that `Written` has of a value. Fields that are `undefined` do no harm: they are left out. */
export const strangersIn = (text: string): readonly Stranger[] => {
  const found: Stranger[] = [];
  /** Of each object or list around: the key of the part that is read. */
  const keys: string[] = [];
  let last = '';
  const tell = (what: string, outcome: string) =>
    found.push({ path: keys.filter((key) => key !== '').join('.'), what, outcome });
  for (const { groups } of text.matchAll(tokens)) {
    const { string, cycle, date, bigint, number, fn, symbol, named, regexp, mark } = groups!;
    if (string !== undefined) last = JSON.parse(string) as string;
    else if (mark === '{' || mark === '[') keys.push('');
    else if (mark === '}' || mark === ']') keys.pop();
    else if (mark === ',') keys[keys.length - 1] = '';
    else if (mark === ':') keys[keys.length - 1] = last;
    else if (cycle !== undefined) tell('a cycle', 'refuses');
    else if (date !== undefined) tell('a Date', 'turns into a string');
    else if (bigint !== undefined) tell('a BigInt', 'refuses');
    else if (number !== undefined && !Number.isFinite(Number(number))) tell(number, 'turns into null');
    else if (symbol !== undefined) tell('a symbol', 'leaves out');
    else if (regexp !== undefined) tell('a regular expression', 'turns into an empty object');
    else if (named !== undefined) {
      const outcome =
        named === 'Map' || named === 'Set' ? 'turns into an empty object' : 'turns into a plain object';
      tell(`${/^[AEIOU]/.test(named) ? 'an' : 'a'} ${named}`, outcome);
    }
    if (fn !== undefined) {
      tell('a function', 'leaves out');
      // Its source may hold anything.
      return found;
    }
  }
  return found;
};
