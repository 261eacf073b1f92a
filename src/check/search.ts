import type { Budget } from './budget.ts';
import { type Configuration, ConfigurationSet } from './configurations.ts';
import { type Observability, type State, unobservable } from './observability.ts';
import { type OpenEndedEffect, OpenEndedSteps } from './open-ended.ts';
import type { Effect } from './steps.ts';
import type { CertainStep, Moment } from './timeline.ts';

export interface SearchBounds {
  /** How many configurations to keep at each return, those that took the fewest steps. */
  readonly width: number;
  /** How many of these may differ only in what they have seen and used up. */
  readonly rivals: number;
  /** Whether an open-ended step may take effect any number of times, which allows more than can have happened. */
  readonly isRelaxed: boolean;
}

export interface Found {
  /** The return that no configuration passed; null if some passed them all. */
  readonly position: number | null;
  /** True if the bounds were too narrow for some moment. */
  readonly isCut: boolean;
}

/**
 * Just-in-time linearization: the set of all configurations, return by return. A step takes effect only when one
 * that returns needs it, itself included. Lowe, "Testing for linearizability" (2017), §4 and §5, after Wing &
 * Gong, "Testing and verifying concurrent objects" (1993).
 *
 * Four things keep the set small; each drops only what another configuration makes superfluous:
 * what demands a value sees it at once when the key holds it; values that nobody can see any more are one
 * state; open-ended steps that do the same are a count, and take effect only right before what consumes them;
 * an unseen write goes right before the next write, which overwrites it.
 *
 * Null if the budget ran out.
 */
export const search = (
  timeline: readonly Moment[],
  observability: Observability,
  bounds: SearchBounds,
  budget: Budget,
): Found | null => {
  const progress = new Search(observability, bounds, budget);
  for (const moment of timeline) {
    progress.pass(moment);
    if (budget.isExhausted) return null;
    if (progress.isImpossible) return { position: moment.position, isCut: progress.isCut };
  }
  return { position: null, isCut: progress.isCut };
};

class Search {
  readonly #observability: Observability;
  readonly #bounds: SearchBounds;
  readonly #budget: Budget;
  readonly #openEnded: OpenEndedSteps;
  #configurations: ConfigurationSet;
  /** Open certain steps: those that change the key, and those that only demand a value. */
  #changing: CertainStep[] = [];
  #demanding: CertainStep[] = [];
  #now = 0;
  #isCut = false;

  constructor(observability: Observability, bounds: SearchBounds, budget: Budget) {
    this.#observability = observability;
    this.#bounds = bounds;
    this.#budget = budget;
    this.#openEnded = new OpenEndedSteps(observability);
    this.#configurations = new ConfigurationSet(bounds.rivals);
    this.#configurations.add({ state: this.#stateOf(null), changed: 0n, seen: 0n, used: [] });
  }

  get isImpossible(): boolean {
    return this.#configurations.isEmpty;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  pass(moment: Moment): void {
    this.#now = moment.position;
    if (moment.type === 'openEnded') this.#openEnded.add(moment.effect, this.#now);
    else if (moment.type === 'invoked') this.#invoke(moment.step);
    else this.#return(moment.step);
  }

  #invoke(step: CertainStep): void {
    if (isChange(step.effect)) {
      this.#changing.push(step);
      return;
    }
    this.#demanding.push(step);
    this.#configurations.see((state) => isMet(step.effect, state), step.bit);
  }

  #return(step: CertainStep): void {
    const done = this.#reach(step);
    this.#changing = this.#changing.filter((open) => open !== step);
    this.#demanding = this.#demanding.filter((open) => open !== step);
    this.#now += 1;
    const moves = this.#openEnded.isStale(this.#now) ? this.#openEnded.forget(this.#now) : null;
    const after = new ConfigurationSet(this.#bounds.rivals);
    for (const { state, changed, seen, used } of done) {
      after.add({
        state: this.#stateOf(state),
        changed: changed & ~step.bit,
        seen: seen & ~step.bit,
        used: moves === null ? used : moved(used, moves),
      });
    }
    this.#isCut ||= after.isCut;
    this.#configurations = after;
  }

  /** The configurations in which `step` has taken effect: those that have it, and what the others lead to. */
  #reach(step: CertainStep): readonly Configuration[] {
    const reached = new ConfigurationSet(this.#bounds.rivals);
    const done: Configuration[] = [];
    const queue: Configuration[] = [];
    const visit = (configuration: Configuration): void => {
      if (!reached.add(configuration)) return;
      this.#budget.visit();
      const taken = isChange(step.effect) ? configuration.changed : configuration.seen;
      if ((taken & step.bit) === 0n) queue.push(configuration);
      else done.push(configuration);
    };
    for (const configuration of this.#configurations) visit(configuration);
    let next = 0;
    for (; next < queue.length && done.length < this.#bounds.width; next += 1) {
      if (this.#budget.isExhausted) break;
      this.#takeCertainSteps(queue[next]!, visit);
      this.#takeOpenEndedSteps(queue[next]!, visit);
    }
    this.#isCut ||= reached.isCut || next < queue.length;
    return done;
  }

  #takeCertainSteps(before: Configuration, visit: (configuration: Configuration) => void): void {
    for (const { effect, bit } of this.#changing) {
      if ((before.changed & bit) !== 0n) continue;
      const state = this.#stateAfter(effect, before.state);
      if (state === undefined) continue;
      const unseen = effect.kind === 'set' ? this.#unseenWrites() : 0n;
      const changed = before.changed | bit | unseen;
      visit({ state, changed, seen: this.#seenAt(state, before.seen), used: before.used });
    }
  }

  #takeOpenEndedSteps(before: Configuration, visit: (configuration: Configuration) => void): void {
    for (const [kind, { effect, count }] of this.#openEnded.kinds.entries()) {
      if ((before.used[kind] ?? 0) >= count) continue;
      const state = this.#stateAfter(effect, before.state);
      if (state === undefined || state === before.state) continue;
      const seen = this.#seenAt(state, before.seen);
      if (seen === before.seen && !this.#hasConsumer(state, before)) continue;
      const used = this.#bounds.isRelaxed ? before.used : withOneMore(before.used, kind);
      const changed = effect.kind === 'set' ? before.changed | this.#unseenWrites() : before.changed;
      visit({ state, changed, seen, used });
    }
  }

  /** Whether a step could go on from `state` that could not, or not so, from any other. */
  #hasConsumer(state: State, { changed, used }: Configuration): boolean {
    // From there only what wants any other value can gain, by what an append leaves.
    if (state === unobservable && this.#observability.lastUseOfOthers < this.#now) return false;
    const consumes = (effect: Effect | OpenEndedEffect): boolean =>
      effect.kind === 'append' ||
      (effect.kind === 'swap' && effect.from === state) ||
      (effect.kind === 'remove' && state !== null);
    return (
      this.#changing.some(({ effect, bit }) => (changed & bit) === 0n && consumes(effect)) ||
      this.#openEnded.kinds.some(({ effect, count }, kind) => (used[kind] ?? 0) < count && consumes(effect))
    );
  }

  /**
   * Open writes that can be put right before another one, since nobody will miss their value. Not while a failed cas or a
   * delete is to come that wants any other value than one: an unseen write may be what it found.
   */
  #unseenWrites(): bigint {
    let bits = 0n;
    if (this.#observability.lastUseOfOthers >= this.#now) return bits;
    for (const { effect, bit } of this.#changing) {
      if (effect.kind === 'set' && this.#stateOf(effect.to) === unobservable) bits |= bit;
    }
    return bits;
  }

  #seenAt(state: State, before: bigint): bigint {
    let seen = before;
    for (const { effect, bit } of this.#demanding) if (isMet(effect, state)) seen |= bit;
    return seen;
  }

  /** Undefined where the step cannot take effect. */
  #stateAfter(effect: Effect | OpenEndedEffect, state: State): State | undefined {
    if (effect.kind === 'set') return this.#stateOf(effect.to);
    if (effect.kind === 'remove') return state === null ? undefined : this.#stateOf(null);
    if (effect.kind === 'swap') return state === effect.from ? this.#stateOf(effect.to) : undefined;
    if (effect.kind !== 'append') return undefined;
    return state === unobservable ? state : this.#stateOf(`${state ?? ''}${effect.suffix}`);
  }

  #stateOf(value: State): State {
    if (value === unobservable || this.#observability.lastUseOf(value) < this.#now) return unobservable;
    return value;
  }
}

const isChange = (effect: Effect): boolean => effect.kind !== 'is' && effect.kind !== 'isNot';

const isMet = (effect: Effect, state: State): boolean =>
  effect.kind === 'is'
    ? state === (effect.value as State)
    : effect.kind === 'isNot' && state !== effect.value;

const withOneMore = (used: readonly number[], kind: number): readonly number[] => {
  const result = [...used];
  while (result.length <= kind) result.push(0);
  result[kind]! += 1;
  return result;
};

const moved = (used: readonly number[], moves: readonly number[]): readonly number[] => {
  const result: number[] = [];
  for (const [kind, count] of used.entries()) {
    const to = moves[kind]!;
    if (to === -1) continue;
    while (result.length <= to) result.push(0);
    result[to]! += count;
  }
  return result;
};
