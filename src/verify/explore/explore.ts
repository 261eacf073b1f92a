import type { ExploreFigures, ExploreOptions } from './cluster-event.ts';
import { EverSentExplorer } from './ever-sent/ever-sent-explorer.ts';
import {
  clusterOf,
  type Exploration,
  type ExploreEnd,
  type ExplorerParts,
  type SavedExploration,
} from './exploration.ts';
import { Explorer } from './explorer.ts';

/** When to stop although there is more to explore. */
export interface ExploreLimits {
  readonly seconds?: number;
  readonly bytes?: number;
  readonly states?: number;
}

/** The progress that a long exploration reports. */
export interface ExploreProgress extends ExploreFigures {
  /** States found but not yet looked at. */
  readonly frontier: number;
  /** States looked at per second since the last report. */
  readonly statesPerSecond: number;
}

export type Explored = (ExploreEnd | { readonly outcome: 'limit'; readonly limit: keyof ExploreLimits }) & {
  readonly figures: ExploreFigures;
};

export interface ExploreParts extends ExplorerParts {
  readonly limits?: ExploreLimits;
  /** Called a few times a second. */
  readonly onProgress?: (progress: ExploreProgress) => void;
}

const reportMs = 250;
/** At most this many states are looked at between two looks at the clock; fewer while they take longer than `sliceMs`. */
const maxSliceStates = 1000;
const sliceMs = 50;

/**
 * Begins an exploration of the kind that suits its network. `saved`: continues one that was saved with the same options and chart;
 * `symmetry` and `reductions` must be as they were.
 */
export const explorationOf = (
  options: ExploreOptions,
  parts: ExplorerParts = {},
  saved?: SavedExploration,
): Exploration =>
  options.loss && options.duplicates
    ? new EverSentExplorer(clusterOf(options, parts), saved)
    : new Explorer(options, parts, saved);

/** Explores a cluster to its end, or to a limit, in one go. */
export const explore = (options: ExploreOptions, parts: ExploreParts = {}): Explored =>
  exploreOn(explorationOf(options, parts), parts);

/** Continues an exploration. `seconds` in limits and figures count from here. */
export const exploreOn = (
  explorer: Exploration,
  { limits = {}, onProgress }: Pick<ExploreParts, 'limits' | 'onProgress'> = {},
): Explored => {
  const start = performance.now();
  let reportedMs = start;
  let reported = lookedAt(explorer);
  let lookedMs = start;
  for (let slice = 1; ; ) {
    const { states = Number.POSITIVE_INFINITY } = limits;
    const end = explorer.advance(Math.min(slice, Math.max(1, states - lookedAt(explorer))));
    const now = performance.now();
    slice = now - lookedMs > sliceMs ? Math.max(1, slice >>> 1) : Math.min(maxSliceStates, slice * 2);
    lookedMs = now;
    const { frontier, ...rest } = explorer.figures;
    const figures = { ...rest, seconds: (now - start) / 1000 };
    if (end !== null) return { ...end, figures };
    const limit = reached(limits, { ...figures, states: figures.states - frontier });
    if (limit !== null) return { outcome: 'limit', limit, figures };
    if (onProgress === undefined || now - reportedMs < reportMs) continue;
    const looked = figures.states - frontier;
    onProgress({ ...figures, frontier, statesPerSecond: ((looked - reported) * 1000) / (now - reportedMs) });
    reportedMs = now;
    reported = looked;
  }
};

const lookedAt = ({ figures }: Exploration): number => figures.states - figures.frontier;

const reached = (limits: ExploreLimits, figures: ExploreFigures): keyof ExploreLimits | null => {
  if (figures.states >= (limits.states ?? Number.POSITIVE_INFINITY)) return 'states';
  if (figures.bytes >= (limits.bytes ?? Number.POSITIVE_INFINITY)) return 'bytes';
  if (figures.seconds >= (limits.seconds ?? Number.POSITIVE_INFINITY)) return 'seconds';
  return null;
};
