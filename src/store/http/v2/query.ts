import { type Consistency, isConsistency } from '../consistency.ts';
import { bytesEncodedIn } from './percent-encoding.ts';
import { badRequest } from './request-refused.ts';

/** The parameters of a request, each at most once. A value has a character for each byte. */
export class Query {
  readonly #values = new Map<string, string>();

  /** `query` is what follows the `?`; null: nothing does. Throws `RequestRefused` for what is not among `known`. */
  constructor(query: string | null, known: readonly string[]) {
    for (const part of (query ?? '').split('&')) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      if (!known.includes(name)) throw badRequest(unknown(name, known));
      if (this.#values.has(name)) throw badRequest(`${name} is given twice`);
      const bytes = bytesEncodedIn(
        value.replaceAll('+', '%20').replaceAll('/', '%2F').replaceAll('?', '%3F'),
      );
      if (bytes === null) throw badRequest(`${name} must be percent-encoded`);
      this.#values.set(name, bytes);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Null: it is not given. */
  bytes(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  flag(name: string): boolean {
    return this.choice(name, ['false', 'true']) === 'true';
  }

  /** The first one if it is not given. */
  choice<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const given = this.#values.get(name);
    if (given === undefined) return choices[0];
    const chosen = choices.find((choice) => choice === given);
    if (chosen === undefined) throw badRequest(`${name} is ${listed(choices)}, not ${quoted(given)}`);
    return chosen;
  }

  /** Null: it is not given. */
  number(name: string, least: number, most: number): number | null {
    const given = this.#values.get(name);
    if (given === undefined) return null;
    const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= least && number <= most))
      throw badRequest(`${name} is a number from ${least} to ${most}, not ${quoted(given)}`);
    return number;
  }

  get consistency(): Consistency {
    const given = this.#values.get('consistency') ?? 'linearizable';
    if (!isConsistency(given))
      throw badRequest(`consistency is linearizable, lease or stale, not ${quoted(given)}`);
    return given;
  }
}

const unknown = (name: string, known: readonly string[]): string =>
  known.length === 0
    ? 'this request takes no query parameters'
    : `unknown query parameter ${quoted(name)}: this request takes ${listed(known, 'and')}`;

const listed = (all: readonly string[], word = 'or'): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${word} ${all.at(-1)}`;

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));
