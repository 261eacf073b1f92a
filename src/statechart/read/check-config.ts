import type { AnyStateMachine, AnyStateNode } from 'xstate';
import {
  configOfState,
  creatorOf,
  guardsWithin,
  implementationsOf,
  isMachine,
  logicKindOf,
  partsOf,
} from './xstate-internals.ts';

/** A config that XState takes when the machine is made, and could not run. The message names the place: `states.lit.entry: …`. */
export class ConfigUnfit extends Error {
  override readonly name = 'ConfigUnfit';
}

/** Throws `ConfigUnfit` for what no type of XState allows, and XState itself does not look at before the machine runs. */
export const checkConfig = (machine: AnyStateMachine): void => {
  checkText(machine.config as Config, 'version', 'version');
  checkState(machine.root, []);
  const { guards, actors } = implementationsOf(machine);
  for (const [kind, bound] of Object.entries({ guards, actors }))
    for (const name of Object.keys(bound))
      checkReadable(read(bound, name, `${kind}.${name}`), `${kind}.${name}`);
};

type Config = Readonly<Record<string, unknown>>;

const checkState = (node: AnyStateNode, path: readonly string[]): void => {
  const config = configOfState(node);
  const at = (...keys: readonly string[]): string => [...path, ...keys].join('.');
  checkId(read(config, 'id', at('id')), at('id'));
  checkText(config, 'description', at('description'));
  for (const [index, tag] of listOf(config, 'tags', at('tags')).entries())
    checkId(tag ?? null, `${at('tags')}[${index}]`);
  for (const name of ['entry', 'exit'] as const) checkActions(config, name, at(name));
  for (const [index, invoke] of listOf(config, 'invoke', at('invoke')).entries())
    checkInvoke(invoke, index === 0 ? at('invoke') : `${at('invoke')}[${index}]`);
  for (const name of ['always', 'onDone'] as const) checkBranches(config, name, at(name));
  for (const name of ['on', 'after'] as const) {
    const branches = (read(config, name, at(name)) ?? {}) as Config;
    for (const event of Object.keys(branches)) checkBranches(branches, event, at(name, event));
  }
  for (const [key, child] of Object.entries(node.states))
    checkState(child as AnyStateNode, [...path, 'states', key]);
};

const checkBranches = (config: Config, name: string, place: string): void => {
  for (const branch of listOf(config, name, place)) {
    if (!isObject(branch)) continue;
    checkText(branch, 'description', `${place}.description`);
    for (const target of listOf(branch, 'target', `${place}.target`)) checkTarget(target, `${place}.target`);
    checkActions(branch, 'actions', `${place}.actions`);
    const guard = read(branch, 'guard', `${place}.guard`);
    if (guard !== undefined && guard !== null) checkGuard(guard, `${place}.guard`);
  }
};

/** XState takes a state of the machine, too. */
const checkTarget = (target: unknown, place: string): void => {
  const name = isObject(target) ? read(target, 'id', place) : (target ?? null);
  if (typeof name !== 'string') throw unfit(place, 'the name of a state', target);
};

const checkGuard = (guard: unknown, place: string): void => {
  checkCallable(guard, 'a guard', place);
  const within = guardsWithin(guard);
  if (within === null) return;
  if (!Array.isArray(within.guards)) throw unfit(place, 'a list of guards', within.guards);
  for (const inner of within.guards) checkGuard(inner, place);
};

const checkActions = (config: Config, name: string, place: string): void => {
  for (const action of listOf(config, name, place)) checkCallable(action, 'an action', place);
};

const checkCallable = (value: unknown, what: string, place: string): void => {
  if (typeof value === 'string') return;
  if (typeof value === 'function') {
    checkEvent(value, place);
    return;
  }
  if (isObject(value)) {
    for (const key of keysOf(value, place)) read(value, key, place);
    if (typeof read(value, 'type', place) === 'string') return;
  }
  // XState takes `isDebug && log` for nothing where it is false.
  if (value === false) return;
  throw unfit(place, `${what}: its name, a function or an object with a type`, value);
};

/** Of `raise`, `sendTo` and `emit`. */
const checkEvent = (action: object, place: string): void => {
  const creator = creatorOf(action) ?? '';
  if (!['raise', 'sendTo', 'emit'].includes(creator)) return;
  const { event } = partsOf(action);
  if (isObject(event)) read(event, 'type', place);
  else if (typeof event !== 'function' && typeof event !== 'string')
    throw unfit(place, `an event in ${creator}`, event);
};

const checkInvoke = (invoke: unknown, place: string): void => {
  if (!isObject(invoke)) throw unfit(place, 'an object with a src', invoke);
  for (const name of ['id', 'systemId'] as const) checkText(invoke, name, `${place}.${name}`);
  const src = read(invoke, 'src', `${place}.src`);
  if (typeof src !== 'string' && typeof src !== 'function' && !isObject(src))
    throw unfit(`${place}.src`, 'the name of an actor, or its logic', src);
  checkReadable(src, `${place}.src`);
  for (const name of ['onDone', 'onError', 'onSnapshot'] as const)
    checkBranches(invoke, name, `${place}.${name}`);
};

const checkText = (config: Config, name: string, place: string): void => {
  const value = read(config, name, place);
  if (value !== undefined && value !== null && typeof value !== 'string') throw unfit(place, 'a text', value);
};

/** XState makes a text of a number. */
const checkId = (value: unknown, place: string): void => {
  if (value !== undefined && typeof value !== 'string' && typeof value !== 'number')
    throw unfit(place, 'a text', value);
};

/** What an actor or a guard is, its fields tell. */
const checkReadable = (value: unknown, place: string): void => {
  if (!isObject(value)) return;
  read(value, 'type', place);
  reading(place, () => [guardsWithin(value), isMachine(value), logicKindOf(value)]);
};

const listOf = (config: Config, name: string, place: string): readonly unknown[] => {
  const value = read(config, name, place);
  if (value === undefined) return [];
  return reading(place, () => (Array.isArray(value) ? [...value] : [value]));
};

const read = (config: Config, name: string, place: string): unknown => reading(place, () => config[name]);

const keysOf = (value: object, place: string): readonly string[] => reading(place, () => Object.keys(value));

/** A getter or a proxy may throw. */
const reading = <Value>(place: string, act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    throw new ConfigUnfit(
      `${place} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

const isObject = (value: unknown): value is Config => typeof value === 'object' && value !== null;

const unfit = (place: string, expected: string, value: unknown): ConfigUnfit =>
  new ConfigUnfit(`${place}: expected ${expected}, got ${kindOf(value)}`);

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};
