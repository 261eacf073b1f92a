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

/**
 * A value as plain data that JSON has words for, and that no longer touches it: an actor by its session id, an error by its message,
 * bytes by their number; what is too deep, too long or too much is cut, which a text says.
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
        return value === null ? null : this.#object(value, depth);
      default:
        return value;
    }
  }

  #object(value: object, depth: number): unknown {
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (value instanceof Error) return this.#text(value.message);
    if (isActorRef(value)) return this.#names.actorName(value.sessionId);
    if (value instanceof Date) return this.#text(String(value));
    if (depth >= this.#limits.depth) return cut;
    if (value instanceof Map) return this.#object(Object.fromEntries(value), depth);
    if (Array.isArray(value) || value instanceof Set) return this.#list([...value], depth);
    // The logic of an actor, which an actor that starts another one sends.
    if ('transition' in value && typeof value.transition === 'function') return this.#names.logicName(value);
    return this.#fields(value, depth);
  }

  #text(text: string): string {
    const { characters } = this.#limits;
    this.#characters += Math.min(text.length, characters);
    return text.length <= characters ? text : `${text.slice(0, characters)}${cut}`;
  }

  #list(list: readonly unknown[], depth: number): readonly unknown[] {
    const copied: unknown[] = [];
    for (const item of list) {
      if (copied.length === this.#limits.items || this.#isFull()) {
        copied.push(`${cut} ${list.length - copied.length} more`);
        break;
      }
      copied.push(this.of(item, depth + 1));
    }
    return copied;
  }

  #fields(value: object, depth: number): object {
    const copied: [string, unknown][] = [];
    const keys = Object.keys(value);
    for (const key of keys) {
      if (this.#isFull()) {
        copied.push([cut, `${keys.length - copied.length} more`]);
        break;
      }
      // Whoever copies this field by assignment changes the prototype instead.
      if (key === '__proto__') continue;
      copied.push([this.#text(key), this.of((value as Readonly<Record<string, unknown>>)[key], depth + 1)]);
    }
    return Object.fromEntries(copied);
  }

  #isFull(): boolean {
    return this.#parts >= this.#limits.parts || this.#characters >= this.#limits.allCharacters;
  }
}
