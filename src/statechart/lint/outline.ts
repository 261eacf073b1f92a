/** An object or list literal of a source, or another value, with the lines of its parts. */
export interface Outline {
  /** Of its key, or of the value itself in a list; from 1 on. */
  readonly line: number;
  readonly entries: ReadonlyMap<string, Outline>;
  readonly items: readonly Outline[];
  /** The source of a value that is no object and no list. */
  readonly text: string;
}

/**
 * The literals that are handed to `createMachine` in a module, in order. Found by their form, without a parser of JavaScript, so that
 * nothing has to be installed: what a chart takes from elsewhere, as a constant or by a call, has no parts here.
 */
export const machineOutlines = (source: string): readonly Outline[] => {
  const tokens = tokensOf(source);
  return tokens.flatMap(({ text }, at) => {
    if (text !== 'createMachine' && text !== 'createStateConfig') return [];
    const open = tokens.findIndex((token, index) => index > at && token.text === '(');
    // Type arguments may stand between.
    return open < 0 || tokens[open + 1]?.text !== '{' ? [] : [new Reader(tokens, open + 1).read()];
  });
};

interface Token {
  readonly text: string;
  readonly line: number;
}

const pattern =
  /\/\/[^\n]*|\/\*.*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*(?=\s*[,.)\]};])|[\p{ID_Continue}$]+|=>|\S/gsu;

const tokensOf = (source: string): readonly Token[] => {
  const tokens: Token[] = [];
  let line = 1;
  let read = 0;
  for (const { 0: text, index } of source.matchAll(pattern)) {
    line += newlinesIn(source.slice(read, index));
    if (!text.startsWith('//') && !text.startsWith('/*')) tokens.push({ text, line });
    line += newlinesIn(text);
    read = index + text.length;
  }
  return tokens;
};

const newlinesIn = (text: string): number => text.split('\n').length - 1;

const opening: ReadonlySet<string> = new Set(['{', '[', '(']);
const closing: ReadonlySet<string> = new Set(['}', ']', ')']);

class Reader {
  readonly #tokens: readonly Token[];
  #at: number;

  constructor(tokens: readonly Token[], at: number) {
    this.#tokens = tokens;
    this.#at = at;
  }

  read(line = this.#line()): Outline {
    switch (this.#text()) {
      case '{':
        return this.#object(line);
      case '[':
        return this.#list(line);
      default:
        return this.#other(line);
    }
  }

  #object(line: number): Outline {
    const entries = new Map<string, Outline>();
    this.#at++;
    while (this.#hasMore('}')) {
      const keyLine = this.#line();
      const key = this.#key();
      if (this.#text() === ':') {
        this.#at++;
        entries.set(key, this.read(keyLine));
      } else {
        entries.set(key, { ...this.#other(keyLine), text: key });
      }
      this.#skipRest();
    }
    this.#at++;
    return { line, entries, items: [], text: '' };
  }

  #list(line: number): Outline {
    const items: Outline[] = [];
    this.#at++;
    while (this.#hasMore(']')) {
      items.push(this.read());
      this.#skipRest();
    }
    this.#at++;
    return { line, entries: new Map(), items, text: '' };
  }

  #other(line: number): Outline {
    const from = this.#at;
    this.#skip();
    const text = this.#tokens
      .slice(from, this.#at)
      .map((token) => token.text)
      .join('');
    return { line, entries: new Map(), items: [], text };
  }

  #key(): string {
    const text = this.#text();
    this.#at++;
    if (text === '[') {
      this.#skip();
      this.#at++;
      return text;
    }
    return /^['"`]/.test(text) ? unquoted(text) : text;
  }

  /** To the comma or the bracket that ends a value, and past the comma. */
  #skipRest(): void {
    this.#skip();
    if (this.#text() === ',') this.#at++;
  }

  /** To the next comma or closing bracket outside all brackets. */
  #skip(): void {
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const text = this.#text();
      if (depth === 0 && (text === ',' || closing.has(text))) return;
      if (opening.has(text)) depth++;
      else if (closing.has(text)) depth--;
    }
  }

  #hasMore(end: string): boolean {
    return this.#at < this.#tokens.length && this.#text() !== end;
  }

  #text(): string {
    return this.#tokens[this.#at]?.text ?? '';
  }

  #line(): number {
    return this.#tokens[this.#at]?.line ?? 0;
  }
}

/** The value of a string literal, as far as names of states need it. */
export const unquoted = (literal: string): string =>
  literal.slice(1, -1).replaceAll(/\\(n|.)/gsu, (_, letter: string) => (letter === 'n' ? '\n' : letter));
