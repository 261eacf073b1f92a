import type { Budget } from './budget.ts';
import { type Configuration, ConfigurationSet } from './configurations.ts';
import { type Observability, type State, unobservable } from './observability.ts';
import { isSame, OpenEndedSteps, type StateEffect } from './open-ended.ts';
import type { Effect, Value } from './operation.ts';
import type { CertainStep, Moment } from './timeline.ts';
import { moved, noUse, usesOf, withOneMore } from './used.ts';

export interface SearchBounds {
  /** How many configurations to keep at each return, those that have used up the fewest open-ended steps. */
  readonly width: number;
  /** How many of these may hold the same state, and have made the same changes. */
  readonly rivals: number;
  /** Whether an open-ended step may take effect any number of times, which allows more than can have happened. */
  readonly isRelaxed: boolean;
}

/** A search looks at so many configurations for each that it keeps before it gives a return up. */
const triedPerKept = 16;
/** It chooses those that it keeps among so many times their number. */
const spare = 2;

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
 * Six things keep the set small; each drops only what another configuration makes superfluous:
 * - What demands a value sees it at once when the key holds it.
 * - Values that nobody can see any more are one state.
 * - Open-ended steps that do the same are a count, and take effect only right before what consumes them.
 * - Of open steps that do the same, the one that returns first goes first: exchanging the two changes nothing.
 * - Where nothing overwrites, what is appended to a value that nobody can see any more can as well be appended at once.
 * - A write that is overwritten unseen can go right before the write that overwrites it. So whenever a write takes effect, all
 *   others that are open become free: whether each has happened unseen is left open until it is used or returns. A
 *   configuration that has spent fewer writes is then at least as good as one that has spent more.
 *
 * Null if the budget ran out.
 */
export const search = (
  timeline: readonly Moment[],
  observability: Observability,
  bounds: SearchBounds,
  budget: Budget,
  initial: Value = null,
): Found | null => {
  const progress = new Search(observability, bounds, budget, initial);
  for (const moment of timeline) {
    progress.pass(moment);
    if (budget.isExhausted) return null;
    if (progress.isImpossible) return { position: moment.position, isCut: progress.isCut };
  }
  return { position: null, isCut: progress.isCut };
};

type ChangingStep = CertainStep & {
  readonly effect: Exclude<Effect, { readonly kind: 'is' | 'isNot' }>;
};

interface Candidate {
  readonly effect: StateEffect;
  readonly bit: bigint;
}

type Visit = (configuration: Configuration) => void;

class Search {
  readonly #observability: Observability;
  readonly #bounds: SearchBounds;
  readonly #budget: Budget;
  readonly #openEnded: OpenEndedSteps;
  #configurations: ConfigurationSet;
  /** Open certain steps that change the key, the first to return first. */
  #changing: ChangingStep[] = [];
  /** Open certain steps that only demand a value. */
  #demanding: CertainStep[] = [];
  /** `#changing` as of the return that is being passed. */
  #candidates: readonly Candidate[] = [];
  #openAppends = 0n;
  #now = 0;
  #isCut = false;

  constructor(observability: Observability, bounds: SearchBounds, budget: Budget, initial: Value) {
    this.#observability = observability;
    this.#bounds = bounds;
    this.#budget = budget;
    this.#openEnded = new OpenEndedSteps(observability);
    this.#configurations = new ConfigurationSet(bounds.rivals);
    const state = this.#stateOf(initial);
    this.#configurations.add({ state, changed: 0n, spent: 0n, free: 0n, seen: 0n, used: noUse });
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
    if (!isChanging(step)) {
      this.#demanding.push(step);
      this.#configurations.mark('seen', (state) => isMet(step.effect, state), step.bit);
      return;
    }
    const later = this.#changing.findIndex(({ returnsAt }) => returnsAt > step.returnsAt);
    this.#changing.splice(later === -1 ? this.#changing.length : later, 0, step);
    if (step.effect.kind !== 'set') return;
    // Where the key holds its value already, a write can have happened without anybody noticing.
    const to = this.#stateOf(step.effect.to);
    this.#configurations.mark('free', (state) => state === to, step.bit);
  }

  #return(step: CertainStep): void {
    const done = this.#reach(step);
    this.#changing = this.#changing.filter((open) => open !== step);
    this.#demanding = this.#demanding.filter((open) => open !== step);
    this.#now += 1;
    const moves = this.#openEnded.isStale(this.#now) ? this.#openEnded.forget(this.#now) : null;
    const after = new ConfigurationSet(this.#bounds.rivals);
    done.sort((a, b) => a.used.total - b.used.total);
    this.#isCut ||= done.length > this.#bounds.width;
    for (const { state, changed, spent, free, seen, used } of done.slice(0, this.#bounds.width)) {
      after.add({
        state: this.#stateOf(state),
        changed: changed & ~step.bit,
        spent: spent & ~step.bit,
        free: free & ~step.bit,
        seen: seen & ~step.bit,
        used: moves === null ? used : moved(used, moves),
      });
    }
    this.#isCut ||= after.isCut;
    this.#configurations = after;
  }

  /** The configurations in which `step` has taken effect: those that have it, and what the others lead to. */
  #reach(step: CertainStep): Configuration[] {
    this.#candidates = this.#settledChanges();
    this.#openAppends = this.#candidates.reduce(
      (bits, { effect, bit }) => (effect.kind === 'append' ? bits | bit : bits),
      0n,
    );
    const reached = new ConfigurationSet(this.#bounds.rivals);
    const done: Configuration[] = [];
    // By how much they have used up: those that get there with the least come first.
    const queues: Configuration[][] = [];
    const visit = (configuration: Configuration): void => {
      if (!reached.add(configuration)) return;
      this.#budget.visit();
      const { changed, spent, free, seen } = configuration;
      const isFree = (free & step.bit) !== 0n;
      const isDone = isFree || ((isChanging(step) ? changed | spent : seen) & step.bit) !== 0n;
      if (isDone) done.push(configuration);
      // This is the last chance of a free write to be used.
      if (!isFree && isDone) return;
      const { total } = configuration.used;
      const queue = queues[total] ?? [];
      queue.push(configuration);
      queues[total] = queue;
    };
    for (const configuration of this.#configurations) visit(configuration);
    const last = this.#budget.visited + triedPerKept * this.#bounds.width;
    for (let total = 0; total < queues.length; total += 1) {
      const queue = queues[total] ?? [];
      for (let next = 0; next < queue.length; next += 1) {
        if (
          done.length >= spare * this.#bounds.width ||
          this.#budget.visited >= last ||
          this.#budget.isExhausted
        ) {
          this.#isCut = true;
          return done;
        }
        this.#takeCertainSteps(queue[next]!, step, visit);
        this.#takeOpenEndedSteps(queue[next]!, visit);
      }
    }
    this.#isCut ||= reached.isCut;
    return done;
  }

  /** Those that do the same stand together, the first to return first. */
  #settledChanges(): readonly Candidate[] {
    const groups: Candidate[][] = [];
    for (const { effect, bit } of this.#changing) {
      const settled: StateEffect = 'to' in effect ? { ...effect, to: this.#stateOf(effect.to) } : effect;
      const group = groups.find(([first]) => isSame(first!.effect, settled));
      if (group === undefined) groups.push([{ effect: settled, bit }]);
      else group.push({ effect: settled, bit });
    }
    return groups.flat();
  }

  #takeCertainSteps(before: Configuration, goal: CertainStep, visit: Visit): void {
    const taken = before.changed | before.spent;
    let latest: StateEffect | null = null;
    for (const { effect, bit } of this.#candidates) {
      if ((taken & bit) !== 0n || (latest !== null && isSame(effect, latest))) continue;
      latest = effect;
      const after = this.#after(effect, before);
      if (after === null) continue;
      if (effect.kind !== 'set') visit({ ...after, changed: after.changed | bit });
      else if (bit === goal.bit || after.seen !== before.seen || this.#hasConsumer(after))
        visit({ ...after, spent: after.spent | bit, free: after.free & ~bit });
    }
  }

  #takeOpenEndedSteps(before: Configuration, visit: Visit): void {
    const taken = before.changed | before.spent;
    for (const kind of this.#openEnded.applicableTo(before.state)) {
      const { effect, count } = this.#openEnded.kinds[kind]!;
      if (usesOf(before.used, kind) >= count) continue;
      // One that returns goes first.
      if (this.#candidates.some((open) => (taken & open.bit) === 0n && isSame(open.effect, effect))) continue;
      const after = this.#after(effect, before);
      if (after === null) continue;
      const isOfUse =
        after.seen !== before.seen || after.changed !== before.changed || this.#hasConsumer(after);
      if (!isOfUse) continue;
      visit(this.#bounds.isRelaxed ? after : { ...after, used: withOneMore(before.used, kind) });
    }
  }

  /** What `effect` leads to, but for having been taken; null where it cannot take effect, or would in vain. */
  #after(effect: StateEffect, before: Configuration): Configuration | null {
    const state = this.#stateAfter(effect, before.state);
    if (state === undefined) return null;
    let free = before.free;
    for (const open of this.#candidates) {
      if (open.effect.kind !== 'set' || (before.spent & open.bit) !== 0n) continue;
      if (effect.kind === 'set' || effect.kind === 'remove' || open.effect.to === state) free |= open.bit;
    }
    if (effect.kind === 'set' && state === before.state && free === before.free) return null;
    const changed =
      state === unobservable && this.#observability.isNeverOverwritten
        ? before.changed | this.#openAppends
        : before.changed;
    return { ...before, state, changed, free, seen: this.#seenAt(state, before.seen) };
  }

  /** Whether a step could go on from there that could not, or not so, from another state. */
  #hasConsumer({ state, changed, used }: Configuration): boolean {
    // From there only what wants any other value can gain, by what an append leaves.
    if (state === unobservable && this.#observability.lastUseOfOthers < this.#now) return false;
    const consumes = ({ effect, bit }: Candidate): boolean =>
      (changed & bit) === 0n &&
      (effect.kind === 'append' ||
        (effect.kind === 'swap' && effect.from === state) ||
        (effect.kind === 'remove' && state !== null));
    return (
      this.#candidates.some(consumes) ||
      this.#openEnded
        .consumersOf(state)
        .some((kind) => usesOf(used, kind) < this.#openEnded.kinds[kind]!.count)
    );
  }

  #seenAt(state: State, before: bigint): bigint {
    let seen = before;
    for (const { effect, bit } of this.#demanding) if (isMet(effect, state)) seen |= bit;
    return seen;
  }

  /** Undefined where the step cannot take effect. */
  #stateAfter(effect: StateEffect, state: State): State | undefined {
    if (effect.kind === 'set') return this.#stateOf(effect.to);
    if (effect.kind === 'remove') return state === null ? undefined : this.#stateOf(null);
    if (effect.kind === 'swap') return state === effect.from ? this.#stateOf(effect.to) : undefined;
    return state === unobservable ? state : this.#stateOf(`${state ?? ''}${effect.suffix}`);
  }

  #stateOf(value: State): State {
    if (value === unobservable || this.#observability.lastUseOf(value) < this.#now) return unobservable;
    return value;
  }
}

const isChanging = (step: CertainStep): step is ChangingStep =>
  step.effect.kind !== 'is' && step.effect.kind !== 'isNot';

const isMet = (effect: Effect, state: State): boolean =>
  effect.kind === 'is'
    ? state === (effect.value as State)
    : effect.kind === 'isNot' && state !== effect.value;
