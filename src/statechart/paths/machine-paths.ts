import type { AnyStateMachine } from 'xstate';
import { type Assessment, assess } from '../coverage/assessment.ts';
import { walk } from '../read/walk.ts';
import { canonicalText } from './canonical-text.ts';
import { type Exploration, type ExploreOptions, exploreMachine } from './explore-machine.ts';
import { type MachineState, MachineSteps, StepFailed } from './machine-steps.ts';
import { followed, type MachineUniverse, machineUniverse } from './machine-universe.ts';
import { eventWords, MachineWalk } from './machine-walk.ts';
import type { CoverGoal, ModelPath, ModelStep } from './model-path.ts';
import { type NotReached, notReached } from './not-reached.ts';
import type { Offer } from './offers.ts';
import { type EventMap, sampleSource } from './samples.ts';
import { shortestWays, type Way } from './shortest-paths.ts';
import { simpleWays } from './simple-ways.ts';
import { waitsOf } from './virtual-times.ts';

export interface MachinePathsOptions extends ExploreOptions {
  /** What each type of event carries. A type that is not here is sent without a payload. */
  readonly events?: EventMap;
  readonly cover?: CoverGoal;
  readonly kind?: 'shortest' | 'simple';
  /** At most so many simple paths; 1,000 where it is left out. */
  readonly maxPaths?: number;
  /** The part of the context that counts: states that differ in the rest are one. */
  readonly project?: (context: unknown) => unknown;
}

/** Paths through a machine, and what they do not reach. */
export interface MachinePaths {
  readonly cover: CoverGoal;
  readonly kind: 'shortest' | 'simple';
  readonly paths: readonly ModelPath[];
  /** States that were found, and why there may be more; null: these are all. */
  readonly states: number;
  readonly limit: string | null;
  readonly assessment: Assessment;
  readonly notReached: readonly NotReached[];
  /** Each is one line. */
  readonly problems: readonly string[];
}

const defaultMaxPaths = 1_000;

/** Generates paths through a machine by trying its events in its states. Rejects with `NoStart`, `ChartTooLarge`, `SamplesUnfit` and `PackageMissing`. */
export const machinePaths = async (
  machine: AnyStateMachine,
  {
    events = {},
    cover = 'transitions',
    kind = 'shortest',
    maxPaths = defaultMaxPaths,
    project,
    ...options
  }: MachinePathsOptions = {},
): Promise<MachinePaths> => {
  const universe = machineUniverse(walk(machine));
  const steps = new MachineSteps(machine, { project });
  const exploration = exploreMachine(steps, await sampleSource(machine, events), options);
  const simple = kind === 'simple' ? simpleWays(exploration, maxPaths) : null;
  const ways = simple?.ways ?? fewestWays(exploration, universe, cover);
  const walked = new MachineWalk(universe);
  const problems: string[] = [];
  const paths = ways.flatMap((way) => {
    const path = pathOf(exploration, steps, way);
    if (typeof path === 'string') {
      problems.push(path);
      return [];
    }
    walked.begin();
    for (const edge of way) {
      const { taken, to } = exploration.edges[edge]!;
      walked.add(taken, exploration.states[to]!.name);
    }
    return [path];
  });
  const limits = [exploration.limit, simple?.isAll === false ? `it stopped at ${maxPaths} paths` : null];
  const assessment = assess(universe.universe, universe.exclusions, walked.walked());
  return {
    cover,
    kind,
    paths: distinct(paths),
    states: exploration.states.length,
    limit: limits.filter((each) => each !== null).join('; ') || null,
    assessment,
    notReached: notReached(exploration, universe, assessment),
    problems,
  };
};

/** Few ways that together are the shortest to all goals: a way that only leads up to another is part of it. */
const fewestWays = (
  exploration: Exploration,
  universe: MachineUniverse,
  cover: CoverGoal,
): readonly Way[] => {
  const wanted = shortestWays(exploration, universe, cover);
  const open = new Set(wanted.keys());
  const chosen: Way[] = [];
  for (const [goal, way] of [...wanted].toSorted(([, one], [, other]) => other.length - one.length)) {
    if (!open.has(goal)) continue;
    chosen.push(way);
    for (const each of goalsOn(exploration, universe, way)) open.delete(each);
    open.delete(goal);
  }
  return chosen.toSorted((one, other) => one.length - other.length);
};

/** Every goal of every kind that lies on a way. */
const goalsOn = (exploration: Exploration, universe: MachineUniverse, way: Way): readonly string[] => {
  const record = new MachineWalk(universe);
  const names: string[] = [];
  for (const edge of way) {
    const { taken, to } = exploration.edges[edge]!;
    const { name } = exploration.states[to]!;
    names.push(name);
    record.addFollowed(followed(universe, taken, name));
  }
  const { items, pairs } = record.walked();
  const outcomes = universe.universe.outcomes.filter(({ shownBy }) =>
    shownBy.some(({ id }) => items.has(id)),
  );
  return [...names, ...items.keys(), ...pairs, ...outcomes.map(({ id }) => id)];
};

/** Walks a way again, which must lead where it led before. A line for one that does not, and for one whose timers leave no time for it. */
const pathOf = (exploration: Exploration, steps: MachineSteps, way: Way): ModelPath | string => {
  const [first, ...rest] = way.map((edge) => exploration.edges[edge]!);
  const input = exploration.inputs.get(first!.to);
  try {
    const { next: start } = steps.start(input);
    let state = start;
    const taken: { offer: Offer; after: MachineState; transitions: readonly string[] }[] = [];
    for (const { from, offer, to } of rest) {
      const { name, timers } = exploration.states[from!]!;
      const again = offer!.timer === null ? null : (state.timers[timers.indexOf(offer!.timer)] ?? null);
      const step = again === null ? steps.take(state, offer!.event) : steps.fire(state, again);
      if (step.next.key !== exploration.states[to]!.key) return unsteady(name, offer!);
      state = step.next;
      taken.push({
        offer: { ...offer!, timer: again },
        after: state,
        transitions: step.taken.flatMap((each) => each.transitions),
      });
    }
    const waits = waitsOf(start, taken);
    if (waits === null) {
      return `left out, since its timers cannot fire in this order: ${taken.map(({ offer }) => offer.event.type).join(', ')}`;
    }
    const modelSteps = taken.map(
      ({ offer, after, transitions }, at): ModelStep => ({
        event: offer.event,
        isTimer: offer.timer !== null,
        waitMs: waits[at]!,
        state: after.name,
        transitions,
      }),
    );
    return named({ ...(input === undefined ? {} : { input }), state: start.name, steps: modelSteps });
  } catch (error) {
    if (error instanceof StepFailed) return unsteady(exploration.states[first!.to]!.name, first!.offer);
    throw error;
  }
};

const unsteady = (state: string, offer: Offer | null): string =>
  `left out: in ${state}, ${offer === null ? 'the start' : eventWords(offer.event)} did something else the second time: a guard or an assign reads a clock or a random number, or changes the context in place`;

const named = (path: Omit<ModelPath, 'id' | 'title'>): ModelPath => {
  const { input, state, steps } = path;
  const events = steps.map(({ event }) => event);
  const end = steps.at(-1)?.state ?? state;
  const title = events.length === 0 ? `starts in ${state}` : `${events.map(eventWords).join(' → ')}: ${end}`;
  return { id: hashOf(canonicalText([input, state, events])), title, ...path };
};

/** FNV-1a: names alone depend on it. */
const hashOf = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
};

const distinct = (paths: readonly ModelPath[]): readonly ModelPath[] => [
  ...new Map(paths.map((path) => [path.id, path])).values(),
];
