import type { State } from './observability.ts';
import { type Used, usesNoMore } from './used.ts';

/**
 * One way in which the history up to now may have happened. Sets of open steps are bit sets over their slots.
 * Lowe, "Testing for linearizability" (2017), §4, calls this a configuration of just-in-time linearization.
 */
export interface Configuration {
  readonly state: State;
  /** Open steps other than writes that have changed the key. */
  readonly changed: bigint;
  /** Open writes whose value has been used: something saw it, or it is what the key holds. */
  readonly spent: bigint;
  /** Open writes that may already have happened unseen, right before a later one: they may still be used, and need not be. */
  readonly free: bigint;
  /** Open steps that only demand a value and have seen it. */
  readonly seen: bigint;
  readonly used: Used;
}

/**
 * Configurations of one moment, without those that another one makes superfluous: with the same state and the
 * same changes made, to have seen more and to have used up less can only help, and so does a write that is free.
 * Compared in full, never by hash alone.
 */
export class ConfigurationSet {
  readonly #maxRivals: number;
  readonly #byState = new Map<State, Map<bigint, Configuration[]>>();
  #isCut = false;

  /** Of one state and the same changes no more than `maxRivals` are kept, those that came first. */
  constructor(maxRivals: number) {
    this.#maxRivals = maxRivals;
  }

  /** True if one was refused that no other makes superfluous. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** False if the set has one at least as good, or too many already. */
  add(configuration: Configuration): boolean {
    let byChanged = this.#byState.get(configuration.state);
    if (byChanged === undefined) {
      byChanged = new Map();
      this.#byState.set(configuration.state, byChanged);
    }
    const rivals = byChanged.get(configuration.changed);
    if (rivals === undefined) {
      byChanged.set(configuration.changed, [configuration]);
      return true;
    }
    for (const rival of rivals) if (dominates(rival, configuration)) return false;
    let kept = 0;
    for (const rival of rivals) if (!dominates(configuration, rival)) rivals[kept++] = rival;
    rivals.length = kept;
    if (kept >= this.#maxRivals) {
      this.#isCut = true;
      return false;
    }
    rivals.push(configuration);
    return true;
  }

  /** Records that the open step of `bit` sees what it demands, or is a write that is free, wherever `isMet` holds. */
  mark(field: 'seen' | 'free', isMet: (state: State) => boolean, bit: bigint): void {
    for (const [state, byChanged] of this.#byState) {
      if (!isMet(state)) continue;
      for (const rivals of byChanged.values()) {
        for (const [index, rival] of rivals.entries())
          rivals[index] = { ...rival, [field]: rival[field] | bit };
      }
    }
  }

  *[Symbol.iterator](): Generator<Configuration> {
    for (const byChanged of this.#byState.values()) {
      for (const rivals of byChanged.values()) yield* rivals;
    }
  }

  get isEmpty(): boolean {
    return this.#byState.size === 0;
  }
}

/** Of two with the same state and changes. */
const dominates = (better: Configuration, worse: Configuration): boolean =>
  usesNoMore(better.used, worse.used) &&
  (better.seen === worse.seen || (better.seen & worse.seen) === worse.seen) &&
  ((better.spent === worse.spent && better.free === worse.free) ||
    (((better.spent ^ worse.spent) | (better.free ^ worse.free)) & ~better.free) === 0n);
