import { type AnyStateMachine, createMachine } from 'xstate';
import type { ChartModel, OwnAction } from '../read/model.ts';
import { walk } from '../read/walk.ts';

/** Why a definition has no chart, in one line; null where it is no machine's, so that nobody misses one. */
export interface NoChart {
  readonly problem: string | null;
}

/**
 * The chart of a machine from the definition that `@statelyai/inspect` sends: its config as JSON, in which functions are
 * `{ type: name }` and what is too deep is cut. Nothing of it is executed. What the chart shows of a machine with another context is the same.
 */
export const chartOfDefinition = (definition: string): ChartModel | NoChart => {
  let config: unknown;
  try {
    config = JSON.parse(definition);
  } catch {
    return { problem: 'its definition is not JSON' };
  }
  if (!isObject(config)) return { problem: 'its definition is not the config of a machine' };
  // What is sent for an actor that is no machine.
  if (Object.keys(config).every((key) => key === 'id')) return { problem: null };
  try {
    return walk(createMachine(new Cleaning().state(config, [])) as AnyStateMachine);
  } catch (error) {
    const { message } = error as Error;
    const text = error instanceof RangeError ? 'it is nested too deeply' : message;
    return { problem: text.replaceAll(/\s+/g, ' ').slice(0, maxProblemLength) };
  }
};

const maxProblemLength = 300;
const maxStates = 2000;
const maxTransitions = 10_000;
/** Of states; what is cut deeper than 64 levels of fields is not drawn either. */
const maxDepth = 32;
/** Of an id or a key. */
const maxName = 500;
/** Of the ids of all states and transitions, each of which holds those of the states around it. */
const maxIds = 4_000_000;

type Fields = Readonly<Record<string, unknown>>;
type Place = readonly string[];

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands for a value that is too deep, or that holds itself. */
const cutTexts: ReadonlySet<unknown> = new Set(['[Object]', '[Array]', '…', '[...]']);
const circularText = '[Circular]';
const cutName = '…';

/** What functions are called that have no name but that of the property they stand in. */
const properties: ReadonlySet<string> = new Set(['', 'actions', 'entry', 'exit', 'guard', 'src', 'inline']);
/** What XState's own actions are called in the model, by the names of the functions that its creators return. */
const creators: ReadonlyMap<string, OwnAction['kind']> = new Map([
  ['assign', 'assign'],
  ['cancel', 'cancel'],
  ['emit', 'emit'],
  ['enqueueActions', 'enqueueActions'],
  ['log', 'log'],
  ['raise', 'raise'],
  ['sendTo', 'sendTo'],
  ['spawnChild', 'spawnChild'],
  ['stop', 'stopChild'],
]);

/** Builds a config of which `createMachine` makes the same chart, of known fields alone. Throws an `Error` of one line where it cannot. */
class Cleaning {
  #states = 0;
  #transitions = 0;
  #ids = 0;

  state(given: unknown, place: Place): Fields {
    const config = this.#object(given, place);
    this.#states += 1;
    if (this.#states > maxStates) throw new Error(`it has more than ${maxStates} states`);
    // A place has two words a state.
    if (place.length > 2 * maxDepth) throw new Error(`its states nest deeper than ${maxDepth}`);
    this.#name(place);
    const { id, type, initial, history, target, description, tags, meta, version } = config;
    const { always, onDone, entry, exit, invoke } = config;
    return withoutUndefined({
      id: idOf(id),
      type: textOf(type),
      version: textOf(version),
      description: textOf(description),
      history: typeof history === 'boolean' ? history : textOf(history),
      target: textsOf(target),
      tags: textsOf(tags),
      meta: isObject(meta) ? meta : undefined,
      initial: isObject(initial) ? this.#transition(initial, [...place, 'initial']) : textOf(initial),
      states: this.#map(config, 'states', place, (each, at) => this.state(each, at)),
      on: this.#map(config, 'on', place, (each, at) => this.#branches(each, at)),
      after: this.#map(config, 'after', place, (each, at) => this.#branches(each, at)),
      always: this.#branches(always, [...place, 'always']),
      onDone: this.#branches(onDone, [...place, 'onDone']),
      entry: actionsOf(entry),
      exit: actionsOf(exit),
      invoke: this.#invokes(invoke, [...place, 'invoke']),
    });
  }

  #map(
    config: Fields,
    field: string,
    place: Place,
    each: (value: unknown, place: Place) => unknown,
  ): unknown {
    const given = config[field];
    if (given === undefined || given === null) return undefined;
    const at = [...place, field];
    const entries = Object.entries(this.#object(given, at)).map(([key, value]) => {
      // XState would take it for the prototype.
      if (key === '__proto__') throw new Error(`it has the name ${key} at ${at.join('.')}`);
      if (key.length > maxName) throw tooLong(at);
      // What the one that cuts says of fields that it left out.
      if (key === '...') throw cutAt(at);
      return [key, each(value, [...at, key])] as const;
    });
    return Object.fromEntries(entries);
  }

  #branches(given: unknown, place: Place): unknown {
    if (given === undefined || given === null) return undefined;
    if (Array.isArray(given)) return given.map((each) => this.#branch(each, place));
    return this.#branch(given, place);
  }

  #branch(given: unknown, place: Place): unknown {
    if (typeof given !== 'string') return this.#transition(this.#object(given, place), place);
    if (cutTexts.has(given)) throw cutAt(place);
    this.#count(place);
    return given;
  }

  #transition(branch: Fields, place: Place): Fields {
    this.#count(place);
    const { target, guard, actions, reenter, description, meta } = branch;
    if ([target].flat().some((each) => cutTexts.has(each))) throw cutAt([...place, 'target']);
    return withoutUndefined({
      target: textsOf(target),
      guard: guard === undefined || guard === null ? undefined : namedOf(guard, 'guard'),
      actions: actionsOf(actions),
      reenter: reenter === true ? true : undefined,
      description: textOf(description),
      meta: isObject(meta) ? meta : undefined,
    });
  }

  #invokes(given: unknown, place: Place): unknown {
    if (given === undefined || given === null) return undefined;
    return [given].flat().map((each) => {
      const invoke = this.#object(each, place);
      const { src, id, systemId } = invoke;
      return withoutUndefined({
        src: sourceOf(src),
        id: textOf(id),
        systemId: textOf(systemId),
        onDone: this.#branches(invoke.onDone, [...place, 'onDone']),
        onError: this.#branches(invoke.onError, [...place, 'onError']),
        onSnapshot: this.#branches(invoke.onSnapshot, [...place, 'onSnapshot']),
      });
    });
  }

  #count(place: Place): void {
    this.#transitions += 1;
    if (this.#transitions > maxTransitions) throw new Error(`it has more than ${maxTransitions} transitions`);
    this.#name(place);
  }

  /** Counts what the id of a state or a transition adds to the chart. */
  #name(place: Place): void {
    for (const word of place) this.#ids += word.length;
    if (this.#ids > maxIds)
      throw new Error(`the ids of its states and transitions have more than ${maxIds} characters`);
  }

  #object(value: unknown, place: Place): Fields {
    if (isObject(value)) return value;
    if (cutTexts.has(value)) throw cutAt(place);
    if (value === circularText) throw new Error(`it holds itself at ${place.join('.')}`);
    throw new Error(
      `expected an object at ${place.join('.')}, got ${Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value}`,
    );
  }
}

const cutAt = (place: Place): Error =>
  new Error(
    `its definition was cut at ${place.join('.')}: give the inspector of the program a higher serializationDepthLimit, such as 30`,
  );

const tooLong = (place: Place): Error =>
  new Error(`it has a name of more than ${maxName} characters at ${place.join('.')}`);

const idOf = (value: unknown): string | undefined => {
  const id = textOf(value);
  if (id !== undefined && id.length > maxName) throw tooLong(['id']);
  return id;
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const textsOf = (value: unknown): unknown =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : textOf(value);

/** An action or a guard by its name. */
const namedOf = (value: unknown, what: string): string | Fields => {
  if (typeof value === 'string') return cutTexts.has(value) ? cutName : value;
  if (!isObject(value)) return cutName;
  const { type, params } = value;
  if (typeof type !== 'string') return cutName;
  if (Object.keys(value).length > 1)
    return withoutUndefined({ type, params: isObject(params) ? params : undefined });
  // A function: one without a name has that of the property it stands in.
  if (properties.has(type)) return `inline ${what}`;
  const kind = creators.get(type);
  return kind === undefined ? type : `inline ${kind}`;
};

const actionsOf = (value: unknown): unknown => {
  if (value === undefined || value === null) return undefined;
  return [value].flat().map((each) => namedOf(each, 'action'));
};

/** An actor by its name: that of a machine, of a function, or none. */
const sourceOf = (src: unknown): string => {
  if (typeof src === 'string') return cutTexts.has(src) || src === circularText ? cutName : src;
  if (!isObject(src)) return cutName;
  const { id, type, config } = src;
  if (typeof id === 'string') return `inline machine ${id}`;
  const name = typeof type === 'string' ? type : isObject(config) ? config.type : undefined;
  return typeof name !== 'string' || properties.has(name)
    ? 'inline actor'
    : `inline ${name}`.replace(/^inline inline /, 'inline ');
};

const withoutUndefined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
