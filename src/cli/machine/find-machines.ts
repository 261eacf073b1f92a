import type { AnyStateMachine } from 'xstate';
import {
  isMachine,
  isMachineOfXState4,
  logicKindOf,
  machineOfActor,
} from '../../statechart/read/xstate-internals.ts';
import { UsageError } from '../usage-error.ts';
import { NoMachine } from './no-machine.ts';

/**
 * The machine that `name` stands for among the exports of a module; null for its only one. `label` is what messages call the module.
 * Throws `UsageError` if there is none or there are several.
 */
export const chosenMachine = (
  exports: Readonly<Record<string, unknown>>,
  name: string | null,
  label: string,
): AnyStateMachine => {
  const found = machinesIn(flattened(exports));
  if (name === null) return onlyOne(found, exports, label);
  const exact = found.find((each) => each.name === name);
  if (exact !== undefined) return exact.machine;
  const value = valueAt(flattened(exports), name);
  const within = distinct(found.filter((each) => each.name.startsWith(`${name}.`)));
  if (within.length === 1) return within[0]!.machine;
  if (within.length > 1)
    throw new UsageError(`${label}#${name} holds several machines; ${choice(label, within)}`);
  const fault = faultOf(value);
  if (fault !== null) throw new UsageError(`${label}#${name} ${fault}`);
  const others = distinct(found);
  throw new UsageError(
    `${label} exports no machine called ${name}${others.length === 0 ? '' : `; it has ${listOf(others)}`}`,
  );
};

/** A machine that a module exports, and the name that chooses it. */
export interface FoundMachine {
  readonly name: string;
  readonly machine: AnyStateMachine;
}

/** The machines of a module, each once, by the names that choose them. */
export const machinesOf = (exports: Readonly<Record<string, unknown>>): readonly FoundMachine[] =>
  distinct(machinesIn(flattened(exports)));

/** A CommonJS module has its exports in `default`, and those of a compiled one stand in there again. */
const flattened = (exports: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { 'module.exports': whole, ...named } = exports;
  const { default: main } = named;
  if (isRecord(main) && isCompiled(main)) return { ...named, ...main };
  return whole === undefined || isRecord(main) ? named : { ...named, default: whole };
};

const isCompiled = (value: Readonly<Record<string, unknown>>): boolean => {
  try {
    return value.__esModule === true;
  } catch {
    return false;
  }
};

/** How deep, and at how many values, machines are looked for in what a module exports. */
const maxDepth = 3;
const maxValues = 5_000;

/** All names, those at the top first; one machine may have several. */
const machinesIn = (exports: Readonly<Record<string, unknown>>): readonly FoundMachine[] => {
  const found: FoundMachine[] = [];
  const seen = new Set<unknown>();
  let level: readonly (readonly [name: string, value: unknown])[] = entriesOf(exports);
  let left = maxValues;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const below: (readonly [string, unknown])[] = [];
    for (const [name, value] of level.slice(0, left)) {
      left -= 1;
      const machine = machineIn(value);
      if (machine !== null) found.push({ name, machine });
      else if (isRecord(value) && !seen.has(value)) {
        seen.add(value);
        below.push(...entriesOf(value).map(([key, each]) => [`${name}.${key}`, each] as const));
      }
    }
    level = below;
  }
  return found;
};

const machineIn = (value: unknown): AnyStateMachine | null => {
  try {
    return isMachine(value) ? value : machineOfActor(value);
  } catch {
    return null;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const entriesOf = (value: object): readonly (readonly [string, unknown])[] => {
  try {
    return Object.entries(value);
  } catch {
    // A getter or a proxy of the module fails: there is nothing to find.
    return [];
  }
};

/** Each machine under its first name; a name of its own rather than `default`. */
const distinct = (found: readonly FoundMachine[]): readonly FoundMachine[] => {
  const byMachine = Map.groupBy(found, ({ machine }) => machine);
  return [...byMachine.values()].map(
    (names) => names.find(({ name }) => !/^default\b/.test(name)) ?? names[0]!,
  );
};

const onlyOne = (
  all: readonly FoundMachine[],
  exports: Readonly<Record<string, unknown>>,
  label: string,
): AnyStateMachine => {
  const found = distinct(all);
  if (found.length === 1) return found[0]!.machine;
  if (found.length > 1) throw new UsageError(`${label} exports several machines; ${choice(label, found)}`);
  const entries = entriesOf(flattened(exports));
  if (entries.length === 0) throw new NoMachine(`${label} exports nothing: export the machine from it`);
  for (const [name, value] of entries) {
    const fault = faultOf(value);
    if (fault !== null) throw new NoMachine(`${label} exports no XState 5 machine: ${name} ${fault}`);
  }
  throw new NoMachine(`${label} exports no XState 5 machine`);
};

const listOf = (found: readonly FoundMachine[]): string => found.map(({ name }) => name).join(', ');

const choice = (label: string, found: readonly FoundMachine[]): string =>
  `choose one as ${label}#NAME: ${listOf(found)}`;

const valueAt = (exports: Readonly<Record<string, unknown>>, name: string): unknown => {
  let value: unknown = exports;
  for (const key of name.split('.')) value = isRecord(value) ? new Map(entriesOf(value)).get(key) : undefined;
  return value;
};

/** Why a value that looks as if it could be meant is no machine; null for one that does not. */
const faultOf = (value: unknown): string | null => {
  try {
    if (isMachineOfXState4(value)) {
      return 'is a machine of XState 4, and these tools read XState 5: see https://stately.ai/docs/migration';
    }
    const kind = logicKindOf(value);
    if (kind !== null) return `is actor logic of the kind ${kind}, not a state machine`;
    if (typeof value === 'function') return 'is a function: if it makes a machine, export that';
  } catch {
    // A proxy may refuse whatever it is asked.
  }
  return null;
};
