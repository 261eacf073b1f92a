import type { EventObject } from 'xstate';
import {
  type MachineState,
  type MachineStep,
  type MachineSteps,
  type Microstep,
  StepFailed,
} from './machine-steps.ts';
import { type Offer, type OfferFilter, offersIn } from './offers.ts';
import type { SampleSource } from './samples.ts';

/** A step from one state to another, by their places in `Exploration.states`. */
export interface Edge {
  /** Null for the step in which the machine starts. */
  readonly from: number | null;
  readonly to: number;
  /** Null for the start. */
  readonly offer: Offer | null;
  readonly taken: readonly Microstep[];
}

/** An event on which the machine threw. */
export interface Fault {
  /** The name of the state. */
  readonly state: string;
  readonly event: EventObject;
  readonly isSampled: boolean;
  readonly message: string;
}

/** All that was found of a machine's states, each at its shortest distance from the start. */
export interface Exploration {
  readonly states: readonly MachineState[];
  /** In the order in which they were taken: by the distance of the state that they leave. */
  readonly edges: readonly Edge[];
  /** Of each state, the place of the edge that found it. */
  readonly foundBy: readonly number[];
  /** Steps from the start, by state. */
  readonly depths: readonly number[];
  readonly faults: readonly Fault[];
  /** What the filter left out, by type, and whether it is a timer that would send it. */
  readonly leftOut: ReadonlyMap<string, { readonly isTimer: boolean }>;
  /** Why there may be more; null: this is all. */
  readonly limit: string | null;
  /** What the machine was started with, by the place of the state that it started in. */
  readonly inputs: ReadonlyMap<number, unknown>;
}

export interface ExploreOptions {
  /** Each is a start; without any, the machine starts without input. */
  readonly inputs?: readonly unknown[];
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly filter?: OfferFilter;
  /** Called now and then with the number of states that were found. */
  readonly onProgress?: (states: number) => void;
}

export const defaultMaxStates = 10_000;

/** A context may grow for ever: after so many states that show nothing new the search gives up, and not before it has looked at twice as many as it knew then. */
const patience = 500;

/** The machine cannot even start. */
export class NoStart extends Error {
  override readonly name = 'NoStart';
}

/** Visits the states of a machine, breadth first, within limits. Throws `NoStart`. */
export const exploreMachine = (
  steps: MachineSteps,
  samples: SampleSource,
  {
    inputs = [undefined],
    maxStates = defaultMaxStates,
    maxDepth = Number.POSITIVE_INFINITY,
    filter = () => true,
    onProgress = () => {},
  }: ExploreOptions = {},
): Exploration => {
  const states: MachineState[] = [];
  const places = new Map<string, number>();
  const edges: Edge[] = [];
  const foundBy: number[] = [];
  const depths: number[] = [];
  const faults: Fault[] = [];
  const started = new Map<number, unknown>();
  const leftOut = new Map<string, { isTimer: boolean }>();
  let limit: string | null = null;
  /** What has happened so far: states with what was taken in them. */
  const happened = new Set<string>();
  /** How many states were known when something happened for the first time. */
  let lastNews = 0;

  const add = (from: number | null, offer: Offer | null, { taken, next }: MachineStep): number | null => {
    let to = places.get(next.key);
    if (to === undefined) {
      if (states.length >= maxStates) {
        limit = `it stopped at ${maxStates} states`;
        return null;
      }
      to = states.length;
      places.set(next.key, to);
      states.push(next);
      foundBy.push(edges.length);
      depths.push(from === null ? 0 : depths[from]! + 1);
      if (to % 500 === 499) onProgress(to + 1);
    }
    edges.push({ from, to, offer, taken });
    const news = happeningOf(taken, next.name);
    if (!happened.has(news)) {
      happened.add(news);
      lastNews = states.length;
    }
    return to;
  };

  for (const input of inputs) {
    try {
      const to = add(null, null, steps.start(input));
      if (to !== null && !started.has(to)) started.set(to, input);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      const remedy =
        input === undefined ? '; if it needs input, give inputs' : ' with the input that was given';
      throw new NoStart(`the machine cannot start: ${error.message}${remedy}`);
    }
  }
  // The list grows while it is walked.
  for (const [from, state] of states.entries()) {
    if (from > lastNews + Math.max(patience, lastNews)) {
      limit ??= `it stopped after ${from - lastNews} states in which nothing new happened`;
      break;
    }
    if (depths[from]! >= maxDepth) {
      limit ??= `it stopped ${maxDepth} steps from the start`;
      continue;
    }
    for (const offer of offersIn(state, samples)) {
      const { event, timer, isSampled } = offer;
      if (!filter(offer)) {
        leftOut.set(event.type, { isTimer: timer !== null });
        continue;
      }
      try {
        add(from, offer, timer === null ? steps.take(state, event) : steps.fire(state, timer));
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        faults.push({ state: state.name, event, isSampled, message: error.message });
      }
    }
  }
  return { states, edges, foundBy, depths, faults, leftOut, limit, inputs: started };
};

const happeningOf = (taken: readonly Microstep[], to: string): string =>
  `${taken.map(({ state, event, transitions }) => [state, event, ...transitions].join('\u0000')).join('\u0001')}\u0002${to}`;
