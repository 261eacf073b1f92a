import { conjunction, disjunction, type Formula, negation, type Sample, unknown } from './formula.ts';

/**
 * What a guard written in place says, by its source: `({ context }) => context.count > 3 && !event.isLast`. Null for a function that
 * does more than compare parts of the context and the event with constants.
 */
export const formulaOfSource = (source: string): Formula | null => {
  const found = heads.flatMap((head) => {
    const match = head.exec(source);
    return match === null ? [] : [{ parameters: match[1]!, body: source.slice(match[0].length) }];
  })[0];
  if (found === undefined) return null;
  const body = returnedBy(found.body.trim());
  const roots = rootsOf(found.parameters);
  if (body === null || roots === null) return null;
  const tokens = tokensOf(body);
  return tokens === null ? null : new Reader(tokens, roots).read();
};

const heads: readonly RegExp[] = [
  /^(?:async\s)?\s*\(([^()]*)\)\s*=>\s*/,
  /^\s*([\w$]+)\s*=>\s*/,
  /^function\s*[\w$]*\s*\(([^()]*)\)\s*(?=\{)/,
  /^[\w$]+\s*\(([^()]*)\)\s*(?=\{)/,
];

const returnedBy = (body: string): string | null => {
  if (!body.startsWith('{')) return body;
  return /^\{\s*return\s([^;{}]*);?\s*\}$/.exec(body)?.[1] ?? null;
};

/** What names in a body stand for, such as `args` for all that a guard is given. Null for parameters of another form. */
const rootsOf = (parameters: string): ReadonlyMap<string, string> | null => {
  const text = parameters.trim();
  if (text === '') return new Map();
  if (/^[\w$]+$/.test(text)) return new Map([[text, '']]);
  const names = /^\{([^{}]*)\}$/.exec(text)?.[1];
  if (names === undefined) return null;
  const roots = new Map<string, string>();
  for (const each of names.split(',').map((part) => part.trim())) {
    if (each === '') continue;
    const [, name, alias] = /^(context|event)(?:\s*:\s*([\w$]+))?$/.exec(each) ?? [];
    if (name === undefined) return null;
    roots.set(alias ?? name, name);
  }
  return roots;
};

const tokenPattern =
  /\s*(?:(?<number>\d[\d_]*(?:\.\d+)?)|(?<string>'[^'\\\n]*'|"[^"\\\n]*")|(?<path>[A-Za-z_$][\w$]*(?:(?:\?\.|\.)[A-Za-z_$][\w$]*)*)|(?<mark>===|!==|==|!=|<=|>=|&&|\|\||[<>!()-]))/y;

type Token = { readonly kind: 'number' | 'string' | 'path' | 'mark'; readonly text: string };

const tokensOf = (body: string): readonly Token[] | null => {
  const text = body.trim().replace(/;$/, '').trimEnd();
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text);
    if (match === null) return null;
    const [kind, value] = Object.entries(match.groups!).find(([, part]) => part !== undefined)!;
    tokens.push({ kind: kind as Token['kind'], text: value! });
  }
  return tokens;
};

class NotUnderstood extends Error {}

type Operand =
  | { readonly kind: 'constant'; readonly value: Sample }
  | { readonly kind: 'path'; readonly path: string };

const constants: Readonly<Record<string, Sample>> = {
  true: true,
  false: false,
  null: null,
  undefined: undefined,
};

const comparisons: Readonly<Record<string, (left: Sample, right: Sample) => boolean>> = {
  '===': (left, right) => left === right,
  '!==': (left, right) => left !== right,
  // biome-ignore lint/suspicious/noDoubleEquals: it is what the guard writes
  '==': (left, right) => left == right,
  // biome-ignore lint/suspicious/noDoubleEquals: it is what the guard writes
  '!=': (left, right) => left != right,
  '<': (left, right) => left! < right!,
  '<=': (left, right) => left! <= right!,
  '>': (left, right) => left! > right!,
  '>=': (left, right) => left! >= right!,
};

/** Reads an expression, `||` first. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #roots: ReadonlyMap<string, string>;
  #at = 0;

  constructor(tokens: readonly Token[], roots: ReadonlyMap<string, string>) {
    this.#tokens = tokens;
    this.#roots = roots;
  }

  read(): Formula | null {
    try {
      const formula = this.#either();
      return this.#at === this.#tokens.length ? formula : null;
    } catch (error) {
      if (error instanceof NotUnderstood) return null;
      throw error;
    }
  }

  #either(): Formula {
    const parts = [this.#both()];
    while (this.#takes('||')) parts.push(this.#both());
    return disjunction(parts);
  }

  #both(): Formula {
    const parts = [this.#unary()];
    while (this.#takes('&&')) parts.push(this.#unary());
    return conjunction(parts);
  }

  #unary(): Formula {
    if (this.#takes('!')) return negation(this.#unary());
    if (this.#takes('(')) {
      const inner = this.#either();
      if (!this.#takes(')')) throw new NotUnderstood();
      return inner;
    }
    const left = this.#operand();
    const mark = this.#tokens[this.#at]?.text ?? '';
    const compare = comparisons[mark];
    if (compare === undefined) return truthOf(left);
    this.#at++;
    return comparisonOf(left, mark, compare, this.#operand());
  }

  #operand(): Operand {
    const isNegative = this.#takes('-');
    const token = this.#tokens[this.#at++];
    if (token === undefined || (isNegative && token.kind !== 'number')) throw new NotUnderstood();
    switch (token.kind) {
      case 'number':
        return {
          kind: 'constant',
          value: Number(token.text.replaceAll('_', '')) * (isNegative ? -1 : 1),
        };
      case 'string':
        return { kind: 'constant', value: token.text.slice(1, -1) };
      case 'path':
        if (token.text in constants) return { kind: 'constant', value: constants[token.text] };
        return { kind: 'path', path: this.#pathOf(token.text) };
      case 'mark':
        throw new NotUnderstood();
    }
  }

  #pathOf(text: string): string {
    const [first = '', ...others] = text.replaceAll('?.', '.').split('.');
    const root = this.#roots.get(first);
    if (root === undefined) throw new NotUnderstood();
    return [...(root === '' ? [] : [root]), ...others].join('.');
  }

  #takes(mark: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#at++;
    return true;
  }
}

const truthOf = (operand: Operand): Formula =>
  operand.kind === 'constant'
    ? Boolean(operand.value)
    : {
        op: 'atom',
        variable: operand.path,
        // Numbers and texts are told apart by whether they are empty.
        mentions: [0, '', true],
        holds: Boolean,
      };

const comparisonOf = (
  left: Operand,
  mark: string,
  compare: (left: Sample, right: Sample) => boolean,
  right: Operand,
): Formula => {
  if (left.kind === 'constant' && right.kind === 'constant') return compare(left.value, right.value);
  if (left.kind === 'path' && right.kind === 'constant') {
    const { value } = right;
    return { op: 'atom', variable: left.path, mentions: [value], holds: (each) => compare(each, value) };
  }
  if (left.kind === 'constant' && right.kind === 'path') {
    const { value } = left;
    return { op: 'atom', variable: right.path, mentions: [value], holds: (each) => compare(value, each) };
  }
  // What two parts are to each other is a question of its own.
  const [one, other] = [left, right].map((each) => (each as { readonly path: string }).path);
  return unknown(`${one} ${mark} ${other}`);
};
