import type { TriggerKind } from '../read/model.ts';

/** Where what a machine does is defined, as plain data. It is read by parsing alone: nothing of the machine is run. */
export interface MachineSources {
  readonly declarations: readonly Declaration[];
  readonly definitions: readonly Definition[];
}

/** A function, a constant, a class, an entry of a table, or a function inside the config. */
export interface Declaration {
  /** What it is called; empty for a function inside the config. */
  readonly name: string;
  /** From the root that was given, with forward slashes. */
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
  /** Its own text, without the indentation of its first line. */
  readonly text: string;
  /** Equal for two texts that differ in format, comments and types alone. What it names elsewhere stands in it by number. */
  readonly form: string;
  /** The declarations that it names, by these numbers: positions in `declarations`. */
  readonly refs: readonly number[];
  /** Names of guards, actions, delays and actors that stand in it as strings, as in `enqueue('ring')`. */
  readonly mentions: readonly string[];
}

export type NamedKind = 'guard' | 'action' | 'delay' | 'actor';

/** What stands behind a name that the chart uses. */
export interface NamedDefinition {
  readonly kind: NamedKind;
  /** Null for what may define any name of this kind: it is computed, and the parser cannot tell which. */
  readonly name: string | null;
  /** Where its closure starts; the first is where the name is bound. Positions in `declarations`. */
  readonly roots: readonly number[];
  /** The rule behind it: what a reader wants to see first. */
  readonly rule: number;
}

/** What has no name: a function, a built-in action or params, at its place in the config. */
export interface InlineDefinition {
  readonly kind: 'inline';
  readonly place: ConfigPlace;
  readonly roots: readonly number[];
}

export type Definition = NamedDefinition | InlineDefinition;

/** A place in the config of a machine. */
export interface ConfigPlace {
  /** Keys from the root. */
  readonly state: readonly string[];
  /** Null for what belongs to the state itself. */
  readonly trigger: ConfigTrigger | null;
  /** Among the branches of the trigger, from 0 on. */
  readonly branch: number;
  /** Such as `guard`, `action 0`, `action 0 params`, `entry 1`, `invoke 0 input`, `context`. */
  readonly part: string;
}

export interface ConfigTrigger {
  readonly kind: TriggerKind;
  /** The event or the delay as written; for an invoke `done.0`, `error.0` or `snapshot.0`, with its position. */
  readonly key: string;
}

/** All declarations that these reach, themselves included, each with the way to it: positions from a root to it. */
export const closureOf = (
  declarations: readonly Declaration[],
  roots: readonly number[],
): ReadonlyMap<number, readonly number[]> => {
  const ways = new Map<number, readonly number[]>(roots.map((root) => [root, [root]]));
  // A Map goes on with what is added meanwhile: breadth first, so each way is a shortest one.
  for (const [at, way] of ways) {
    for (const ref of declarations[at]!.refs) if (!ways.has(ref)) ways.set(ref, [...way, ref]);
  }
  return ways;
};
