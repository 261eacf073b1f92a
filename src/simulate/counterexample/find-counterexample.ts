import type { BrokenRule } from '../broken/broken-rules.ts';
import { type Failure, failureOf, reduceFailure, type ShrinkOptions } from '../shrink.ts';
import { huntedPlan } from './hunted-plan.ts';
import { circumstancesOf, searchPlan } from './search-plan.ts';
import { TellingFailures } from './telling-failures.ts';

/** How far a search is. */
export interface SearchProgress {
  /** Runs that were tried, those of the shrinker included. */
  readonly runs: number;
  /** Virtual events of all of them. */
  readonly events: number;
  /** What has been found and is being made smaller; null: nothing yet. */
  readonly property: string | null;
  /** Deliveries, timeouts and faults of the smallest so far. */
  readonly weight: number | null;
}

export interface SearchOptions {
  readonly firstSeed?: number;
  /** Virtual events of all runs that look for a violation. */
  readonly maxEvents?: number;
  readonly onProgress?: (progress: SearchProgress) => void;
}

export interface Counterexample {
  /** A story that plays up to the violation, and says which property it violates. */
  readonly story: string;
  readonly failure: Failure;
}

export interface SearchResult {
  /** Null: none was found. */
  readonly found: Counterexample | null;
  /** Runs that looked for a violation, and that made it smaller. */
  readonly searched: number;
  readonly shrunk: number;
  readonly events: number;
  /** Violations whose story, when it was played, did not come to the same. */
  readonly misfits: number;
}

/** Half a minute on a core of a laptop. */
export const defaultMaxEvents = 600_000;
/** Of the runs that look for a lighter violation once one is found: a heavy one hardly gets smaller. */
const moreEvents = 20_000;
/** With no more deliveries, timeouts and faults than this it is light enough. */
const lightWeight = 100;
/** Of the runs that make a violation smaller. */
const maxShrinkEvents = 45_000;

/** Tries random runs, in which the nodes break a rule or none, until one violates a safety property; if that one is heavy, goes on a little for a lighter one; then makes the lightest as small as it gets. */
export const findCounterexample = async (
  broken: BrokenRule | null,
  { firstSeed = 1, maxEvents = defaultMaxEvents, onProgress }: SearchOptions = {},
): Promise<SearchResult> => {
  const telling = new TellingFailures(broken);
  const simulation = broken?.replacements ?? {};
  let searched = 0;
  let shrunk = 0;
  let events = 0;
  let property: string | null = null;
  const tell = (weight: number | null) => onProgress?.({ runs: searched + shrunk, events, property, weight });
  const options: ShrinkOptions = {
    maxEvents: maxShrinkEvents,
    targetWeight: 0,
    onlySafety: true,
    simulation,
    fits: (failure) => telling.take(failure),
    onAttempt: (spent) => {
      shrunk++;
      events += spent;
      tell(telling.weight);
    },
  };
  let lightest: Failure | null = null;
  let last = maxEvents;
  for (let seed = firstSeed; events < last; seed++) {
    const given = circumstancesOf(broken, seed);
    const hunted = await huntedPlan(
      searchPlan(seed, given),
      simulation,
      given.includes('crashes of followers'),
    );
    searched++;
    events += hunted.events;
    tell(telling.weight);
    if (!hunted.isViolated) continue;
    const failure = await failureOf(hunted.plan, options);
    if (failure === null) continue;
    if (lightest === null) last = Math.min(maxEvents, events + moreEvents);
    if (lightest === null || failure.weight < lightest.weight) lightest = failure;
    property = lightest.violation.property;
    if (lightest.weight <= lightWeight) break;
  }
  const smallest = lightest === null ? null : await reduceFailure(lightest, options);
  return {
    found: smallest === null ? null : { story: telling.storyOf(smallest), failure: smallest },
    searched,
    shrunk,
    events,
    misfits: telling.misfits,
  };
};
