import type { AnyStateMachine } from 'xstate';
import { checkConfig } from '../read/check-config.ts';
import { actionNameOf, actorNameOf, guardNameOf } from '../read/walk.ts';
import { plainData } from './plain-data.ts';

/**
 * The machine's config as JSON, as Stately Studio and `@statelyai/inspect` take it: names stay, functions go. A
 * function without a name becomes a name that says what it does, so that no edge loses its guard; a value that JSON has no
 * words for becomes a text. `lossesOfStately` lists what went; docs/formats.md has the kinds.
 */
export const toStately = (machine: AnyStateMachine): string =>
  `${shortLists(JSON.stringify(write(machine, []), null, 2))}\n`;

/** What a machine has and its JSON for Stately has not, in the order of the config. */
export const lossesOfStately = (machine: AnyStateMachine): readonly StatelyLoss[] => {
  const losses: StatelyLoss[] = [];
  write(machine, losses);
  return losses;
};

export interface StatelyLoss {
  /** Where it stands in the config: `states.lit.on.PRESS.actions`. */
  readonly place: string;
  /** Such as `inline guard`, `Map` or `cycle`. */
  readonly what: string;
}

/** All of them in one line, those of a kind together; null for none. */
export const lossText = (losses: readonly StatelyLoss[]): string | null => {
  if (losses.length === 0) return null;
  const kinds = Map.groupBy(losses, ({ what }) => what);
  const texts = [...kinds].map(([what, each]) =>
    each.length > maxPlaces
      ? `${what} at ${each.length} places`
      : `${what} at ${each.map(({ place }) => place).join(', ')}`,
  );
  return `left out: ${texts.join('; ')}`.replace(/\p{Cc}/gu, ' ');
};

const maxPlaces = 3;

/** Lists of names in one line, as the formatter of this repository writes them. */
const shortLists = (json: string): string =>
  json.replace(
    /^(.*)\[\n\s+("[^\n]*"(?:,\n\s+"[^\n]*")*)\n\s+\]/gm,
    (whole, before: string, names: string) => {
      const line = `${before}[${names.replace(/,\n\s+/g, ', ')}]`;
      return line.length < 110 && !names.includes('": ') ? line : whole;
    },
  );

/** JSON, as a value. */
type Json = unknown;

type Config = Readonly<Record<string, unknown>>;

const write = (machine: AnyStateMachine, losses: StatelyLoss[]): Json => {
  checkConfig(machine);
  const { context, ...config } = machine.config as Config;
  const writer = new Writer(losses);
  const made = context === undefined ? undefined : writer.data(context, 'context');
  return { ...(made === undefined ? {} : { context: made }), ...writer.state(config, '') };
};

class Writer {
  readonly #losses: StatelyLoss[];

  constructor(losses: StatelyLoss[]) {
    this.#losses = losses;
  }

  state(config: Config, place: string): Config {
    return this.#fields(config, place, {
      types: () => undefined,
      states: (states, at) => mapped(states, at, (state, inner) => this.state(state as Config, inner)),
      on: (on, at) => mapped(on, at, (branches, inner) => this.#transitions(branches, inner)),
      // Here `undefined` forbids nothing.
      after: (after, at) =>
        mapped(after, at, (branches, inner) =>
          branches === undefined ? [] : this.#transitions(branches, inner),
        ),
      always: (branches, at) => this.#transitions(branches, at),
      onDone: (branches, at) => this.#transitions(branches, at),
      route: (branches, at) => this.#transitions(branches, at),
      initial: (initial, at) => this.#transitions(initial, at),
      entry: (actions, at) => this.#actions(actions, at),
      exit: (actions, at) => this.#actions(actions, at),
      invoke: (invokes, at) => listed(invokes, at, (invoke, inner) => this.#invoke(invoke as Config, inner)),
    });
  }

  /** A value, or undefined for what is left out. */
  data(value: unknown, place: string): Json {
    if (typeof value === 'function') {
      this.#lose(place, 'function');
      return undefined;
    }
    return plainData(value, place, (at, what) => this.#lose(at, what));
  }

  #fields(
    config: Config,
    place: string,
    writers: Readonly<Record<string, (value: unknown, place: string) => Json>>,
  ): Config {
    const fields = Object.entries(config).flatMap(([key, value]) => {
      const at = place === '' ? key : `${place}.${key}`;
      if (value === undefined) return [];
      const written = Object.hasOwn(writers, key) ? writers[key]!(value, at) : this.data(value, at);
      return written === undefined ? [] : [[key, written] as const];
    });
    return Object.fromEntries(fields);
  }

  /** An event that is forbidden has a transition that does nothing. */
  #transitions(branches: unknown, place: string): Json {
    return listed(branches, place, (branch, at) => {
      if (branch === undefined) return {};
      if (typeof branch !== 'object' || branch === null) return branch;
      return this.#fields(branch as Config, at, {
        guard: (guard, inner) => this.#guard(guard, inner),
        actions: (actions, inner) => this.#actions(actions, inner),
      });
    });
  }

  #guard(guard: unknown, place: string): Json {
    if (typeof guard !== 'function') return this.#named(guard, place);
    this.#lose(place, guardNameOf(guard));
    return { type: guardNameOf(guard) };
  }

  #actions(actions: unknown, place: string): Json {
    return listed(actions, place, (action, at) => {
      if (typeof action !== 'function') return this.#named(action, at);
      this.#lose(at, actionNameOf(action));
      return { type: actionNameOf(action) };
    });
  }

  /** A name, with what it is given. */
  #named(named: unknown, place: string): Json {
    return typeof named === 'object' && named !== null ? this.#fields(named as Config, place, {}) : named;
  }

  #invoke(invoke: Config, place: string): Json {
    const branches = (each: unknown, at: string) => this.#transitions(each, at);
    return this.#fields(invoke, place, {
      src: (src, at) => {
        if (typeof src === 'string') return src;
        this.#lose(at, actorNameOf(src));
        return actorNameOf(src);
      },
      onDone: branches,
      onError: branches,
      onSnapshot: branches,
    });
  }

  #lose(place: string, what: string): void {
    this.#losses.push({ place, what });
  }
}

/** One thing or a list of them, as it is written. */
const listed = (value: unknown, place: string, write: (each: unknown, place: string) => Json): Json =>
  Array.isArray(value) ? value.map((each, at) => write(each, `${place}[${at}]`)) : write(value, place);

const mapped = (value: unknown, place: string, write: (each: unknown, place: string) => Json): Json =>
  Object.fromEntries(
    Object.entries((value ?? {}) as object).map(([key, each]) => [key, write(each, `${place}.${key}`)]),
  );
