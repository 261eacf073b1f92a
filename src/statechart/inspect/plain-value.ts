import { isActorRef } from '../read/xstate-internals.ts';

/** How much of a value is copied. */
export interface PlainLimits {
  readonly depth: number;
  /** Of a list; longer ones are cut. */
  readonly items: number;
  /** Of a text, in characters; longer ones are cut. */
  readonly characters: number;
  /** Of all that is copied: fields, items and values. */
  readonly parts: number;
  /** Of all texts together, more or less. */
  readonly allCharacters: number;
}

/** More than anybody reads in an inspector, and little enough for a message. */
export const plainLimits: PlainLimits = {
  depth: 24,
  items: 200,
  characters: 10_000,
  parts: 5000,
  allCharacters: 1_000_000,
};

/** What things are called that are not copied. */
export interface PlainNames {
  /** From the session id of an actor. */
  readonly actorName: (sessionId: string) => string;
  readonly functionName: (made: object) => string;
  /** Of the logic of an actor. */
  readonly logicName: (logic: object) => string;
}

const plainNames: PlainNames = {
  actorName: (sessionId) => sessionId,
  functionName: (made) => `inline ${(made as { readonly name: string }).name}`.trim(),
  logicName: (logic) => ('id' in logic && typeof logic.id === 'string' ? logic.id : 'actor'),
};

/** Stands where something was left out. */
const cut = '…';
/** Stands where reading throws. */
const unreadable = '(cannot be read)';

/**
 * A value as plain data that JSON has words for, and that no longer touches it: an actor by its session id, an error by its message,
 * bytes by their number; what is too deep, too long or too much is cut, and what throws when it is read is left out, which a text says.
 * However large the value is, no more of it is read than is copied, except the names of an object's fields.
 */
export const plainValue = (
  value: unknown,
  limits: PlainLimits = plainLimits,
  names: Partial<PlainNames> = {},
): unknown => new Copy(limits, { ...plainNames, ...names }).of(value, 0);

class Copy {
  readonly #limits: PlainLimits;
  readonly #names: PlainNames;
  #parts = 0;
  #characters = 0;

  constructor(limits: PlainLimits, names: PlainNames) {
    this.#limits = limits;
    this.#names = names;
  }

  of(value: unknown, depth: number): unknown {
    this.#parts += 1;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'function':
        return { type: this.#names.functionName(value) };
      case 'bigint':
      case 'symbol':
        return this.#text(String(value));
      case 'object':
        return value === null ? null : readOr(() => this.#object(value, depth));
      default:
        return value;
    }
  }

  #object(value: object, depth: number): unknown {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
    if (value instanceof Error) return this.#text(value.message);
    if (isActorRef(value)) return this.#names.actorName(value.sessionId);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
    if (depth >= this.#limits.depth) return cut;
    if (value instanceof Map) return this.#fields(value, value.size, depth);
    if (value instanceof Set) return this.#list(value, value.size, depth);
    if (Array.isArray(value)) return this.#list(value, value.length, depth);
    // The logic of an actor, which an actor that starts another one sends.
    if ('transition' in value && typeof value.transition === 'function') return this.#names.logicName(value);
    const keys = Object.keys(value);
    return this.#fields(entriesOf(value, keys), keys.length, depth);
  }

  #text(text: string): string {
    const { characters } = this.#limits;
    this.#characters += Math.min(text.length, characters);
    return text.length <= characters ? text : `${text.slice(0, characters)}${cut}`;
  }

  #list(list: Iterable<unknown>, length: number, depth: number): readonly unknown[] {
    const copied: unknown[] = [];
    for (const item of list) {
      if (copied.length === this.#limits.items || this.#isFull()) {
        copied.push(`${cut} ${length - copied.length} more`);
        break;
      }
      copied.push(this.of(item, depth + 1));
    }
    return copied;
  }

  #fields(fields: Iterable<readonly [unknown, unknown]>, count: number, depth: number): object {
    const copied: [string, unknown][] = [];
    let seen = 0;
    for (const [key, value] of fields) {
      if (this.#isFull()) {
        copied.push([cut, `${count - seen} more`]);
        break;
      }
      seen += 1;
      // Whoever copies this field by assignment changes the prototype instead.
      if (key === '__proto__') continue;
      copied.push([this.#text(String(key)), this.of(value, depth + 1)]);
    }
    return Object.fromEntries(copied);
  }

  #isFull(): boolean {
    return this.#parts >= this.#limits.parts || this.#characters >= this.#limits.allCharacters;
  }
}

/** Read one by one: getters are functions of others, and may be slow. */
function* entriesOf(value: object, keys: readonly string[]): Generator<readonly [string, unknown]> {
  for (const key of keys) yield [key, readOr(() => (value as Readonly<Record<string, unknown>>)[key])];
}

const readOr = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    return unreadable;
  }
};
