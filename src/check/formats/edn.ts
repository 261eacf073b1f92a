import { shortened } from '../excerpt.ts';
import { UnreadableHistory } from '../operation.ts';

/**
 * EDN, as far as histories need it (https://github.com/edn-format/edn). Keywords, symbols and characters become strings, maps objects,
 * lists, vectors and sets arrays; a tag gives way to what it tags, `#_` to nothing. An integer beyond 2^53 becomes a BigInt.
 * Our own: the reader on npm, edn-data 1.2.2, takes a text that is cut off or misnested for an empty one, and knows no lines.
 */
export interface EdnForm {
  readonly value: unknown;
  /** Where it begins. */
  readonly line: number;
}

/** The forms of a text, one after the other. Throws `UnreadableHistory`. */
export function* ednForms(text: string): Generator<EdnForm> {
  const reader = new EdnReader(text);
  for (let form = reader.next(); form !== null; form = reader.next()) yield form;
}

/** The only form of a text, which stands in line `line` of a file. */
export const ednValue = (text: string, line: number): unknown => {
  const reader = new EdnReader(text, line);
  const form = reader.next();
  if (form === null || reader.next() !== null) {
    throw new UnreadableHistory(line, `expected one EDN value, not ${shortened(text)}`);
  }
  return form.value;
};

/** Deeper than any history; what is deeper would overflow the stack. */
const maxDepth = 100;

const blank = /(?:[\s,]|;[^\n]*)+/y;
const string = /"((?:[^"\\]|\\[\s\S])*)"/y;
const atom = /\\[^\s]\w*|[^\s,;"()[\]{}\\]+/y;
const integer = /^[+-]?\d+N?$/;
const decimal = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?M?$/;

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '#{': '}' };
const names: Readonly<Record<string, string>> = { '(': 'list', '[': 'vector', '{': 'map', '#{': 'set' };
const escapes: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  b: '\b',
  f: '\f',
  '\\': '\\',
  '"': '"',
};
const characters: Readonly<Record<string, string>> = { newline: '\n', return: '\r', space: ' ', tab: '\t' };

class EdnReader {
  readonly #text: string;
  #at = 0;
  #line: number;

  constructor(text: string, line = 1) {
    this.#text = text;
    this.#line = line;
    if (text.startsWith('\uFEFF')) this.#at = 1;
  }

  next(): EdnForm | null {
    this.#skipBlank();
    while (this.#take('#_')) {
      this.#form(0);
      this.#skipBlank();
    }
    if (this.#at >= this.#text.length) return null;
    const line = this.#line;
    return { value: this.#form(0), line };
  }

  #form(depth: number): unknown {
    this.#skipBlank();
    if (depth > maxDepth) this.#fail(`nested deeper than ${maxDepth}`);
    for (const opener of ['#{', '{', '[', '(']) {
      if (this.#take(opener)) return this.#collection(opener, depth);
    }
    const quoted = this.#match(string);
    if (quoted !== null) return this.#unescaped(quoted[1]!);
    const next = this.#text[this.#at];
    if (next === '"') this.#fail('a string without its closing "');
    if (next === undefined) this.#fail('expected a value, not the end of the file');
    const word = this.#match(atom)?.[0];
    if (word === undefined)
      this.#fail(`expected a value, not ${shortened(this.#text.slice(this.#at, this.#at + 20))}`);
    if (word.startsWith('##'))
      return Number(word === '##Inf' ? Infinity : word === '##-Inf' ? -Infinity : Number.NaN);
    // A tag, such as #jepsen.history.Op{…}: what it tags is all that matters.
    if (word.startsWith('#')) return this.#form(depth + 1);
    return atomValue(word);
  }

  #collection(opener: string, depth: number): unknown {
    const line = this.#line;
    const parts: unknown[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#take('#_')) this.#form(depth + 1);
      else if (this.#take(closers[opener]!)) break;
      else if (this.#at >= this.#text.length) {
        throw new UnreadableHistory(
          line,
          `the ${names[opener]} that begins here has no end: expected ${closers[opener]}`,
        );
      } else parts.push(this.#form(depth + 1));
    }
    if (opener !== '{') return parts;
    if (parts.length % 2 === 1) throw new UnreadableHistory(line, 'a map with a key that has no value');
    const fields: Record<string, unknown> = Object.create(null);
    for (let index = 0; index < parts.length; index += 2) fields[String(parts[index])] = parts[index + 1];
    return fields;
  }

  #unescaped(text: string): string {
    if (!text.includes('\\')) return text;
    return text.replace(/\\(u[\da-fA-F]{4}|[\s\S])/g, (_, code: string) => {
      if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return escapes[code] ?? this.#fail(`a string with the unknown escape \\${code}`);
    });
  }

  #skipBlank(): void {
    this.#match(blank);
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    for (let end = match[0].indexOf('\n'); end !== -1; end = match[0].indexOf('\n', end + 1)) this.#line += 1;
    this.#at += match[0].length;
    return match;
  }

  #fail(problem: string): never {
    throw new UnreadableHistory(this.#line, problem);
  }
}

const atomValue = (word: string): unknown => {
  if (word === 'nil') return null;
  if (word === 'true' || word === 'false') return word === 'true';
  if (word.startsWith(':')) return word.slice(1);
  if (word.startsWith('\\')) return characters[word.slice(1)] ?? word.slice(1);
  if (integer.test(word)) {
    const digits = word.replace(/N$/, '');
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
  }
  return decimal.test(word) ? Number(word.replace(/M$/, '')) : word;
};
