import type { Budget } from './budget.ts';
import { type Configuration, ConfigurationSet } from './configurations.ts';
import { type Observability, observabilityOf, type State, unobservable } from './observability.ts';
import { type OpenEndedEffect, OpenEndedSteps } from './open-ended.ts';
import type { Effect, Step } from './steps.ts';
import { type CertainStep, type Moment, timelineOf } from './timeline.ts';

export type Linearization =
  /** `seen` has, of the probes given, those that can have seen their value. */
  | { readonly type: 'possible'; readonly seen: readonly Step[] }
  /** After the event at this position, and none before, no order of the operations explains the history. */
  | { readonly type: 'impossible'; readonly position: number }
  /** The budget ran out first. */
  | { readonly type: 'undecided' };

/**
 * Whether the steps of one key, which starts as null, can be put in an order that agrees with real time and with
 * what each of them saw. Wing & Gong, "Testing and verifying concurrent objects" (1993), as improved by
 * Lowe, "Testing for linearizability" (2017), §4 and §5: just-in-time linearization over the set of all configurations
 * at each return. A step takes effect only when one that returns needs it, itself included.
 *
 * Four things keep that set small; each drops only what another configuration makes superfluous:
 * what demands a value sees it at once when the key holds it; values that nobody can see any more are one
 * state; open-ended steps that do the same are a count, and take effect only right before what consumes them;
 * an unseen write goes right before the next write that overwrites it.
 */
export const linearize = (steps: readonly Step[], probes: readonly Step[], budget: Budget): Linearization => {
  const search = new Search(observabilityOf([...steps, ...probes]), budget);
  for (const moment of timelineOf(steps, probes)) {
    search.pass(moment);
    if (budget.isExhausted) return { type: 'undecided' };
    if (search.isImpossible) return { type: 'impossible', position: moment.position };
  }
  if (probes.length === 0) return { type: 'possible', seen: [] };
  const seen = search.seenAtEnd();
  if (budget.isExhausted) return { type: 'undecided' };
  return { type: 'possible', seen: probes.filter((_, slot) => (seen & (1n << BigInt(slot))) !== 0n) };
};

class Search {
  readonly #observability: Observability;
  readonly #budget: Budget;
  readonly #openEnded: OpenEndedSteps;
  #configurations = new ConfigurationSet();
  /** Open certain steps: those that change the key, and those that only demand a value. */
  #changing: CertainStep[] = [];
  #demanding: CertainStep[] = [];
  #now = 0;

  constructor(observability: Observability, budget: Budget) {
    this.#observability = observability;
    this.#budget = budget;
    this.#openEnded = new OpenEndedSteps(observability);
    this.#configurations.add({ state: this.#stateOf(null), changed: 0n, seen: 0n, used: [] });
  }

  get isImpossible(): boolean {
    return this.#configurations.isEmpty;
  }

  pass(moment: Moment): void {
    this.#now = moment.position;
    if (moment.type === 'openEnded') this.#openEnded.add(moment.effect, this.#now);
    else if (moment.type === 'invoked') this.#invoke(moment.step);
    else this.#return(moment.step);
  }

  /** The bits of all demands that are still open and can have been met. */
  seenAtEnd(): bigint {
    let seen = 0n;
    this.#explore((configuration) => {
      seen |= configuration.seen;
      return false;
    });
    return seen;
  }

  #invoke(step: CertainStep): void {
    if (isChange(step.effect)) {
      this.#changing.push(step);
      return;
    }
    this.#demanding.push(step);
    this.#configurations.see((state) => isMet(step.effect, state), step.bit);
  }

  /** Keeps the configurations in which `step` has taken effect, and those that they lead to if it does now. */
  #return(step: CertainStep): void {
    const after = new ConfigurationSet();
    const done: Configuration[] = [];
    this.#explore((configuration) => {
      const isDone = ((isChange(step.effect) ? configuration.changed : configuration.seen) & step.bit) !== 0n;
      if (isDone) done.push(configuration);
      return isDone;
    });
    this.#changing = this.#changing.filter((open) => open !== step);
    this.#demanding = this.#demanding.filter((open) => open !== step);
    this.#now += 1;
    const moves = this.#openEnded.isStale(this.#now) ? this.#openEnded.forget(this.#now) : null;
    for (const { state, changed, seen, used } of done) {
      after.add({
        state: this.#stateOf(state),
        changed: changed & ~step.bit,
        seen: seen & ~step.bit,
        used: moves === null ? used : moved(used, moves),
      });
    }
    this.#configurations = after;
  }

  /** Visits what the configurations lead to, fewest steps first; where `isEnough`, it goes no further. */
  #explore(isEnough: (configuration: Configuration) => boolean): void {
    const reached = new ConfigurationSet();
    const queue: Configuration[] = [];
    const visit = (configuration: Configuration): void => {
      if (!reached.add(configuration)) return;
      this.#budget.visit();
      if (!isEnough(configuration)) queue.push(configuration);
    };
    for (const configuration of this.#configurations) visit(configuration);
    for (let index = 0; index < queue.length && !this.#budget.isExhausted; index += 1) {
      this.#takeCertainSteps(queue[index]!, visit);
      this.#takeOpenEndedSteps(queue[index]!, visit);
    }
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
      const used = [...before.used];
      while (used.length <= kind) used.push(0);
      used[kind]! += 1;
      const changed = effect.kind === 'set' ? before.changed | this.#unseenWrites() : before.changed;
      visit({ state, changed, seen, used });
    }
  }

  /** Whether a step could go on from `state` that could not, or not so, from any other. */
  #hasConsumer(state: State, { changed, used }: Configuration): boolean {
    if (state === unobservable) return false;
    const consumes = (effect: Effect | OpenEndedEffect): boolean =>
      effect.kind === 'append' || (effect.kind === 'swap' && effect.from === state);
    return (
      this.#changing.some(({ effect, bit }) => (changed & bit) === 0n && consumes(effect)) ||
      this.#openEnded.kinds.some(({ effect, count }, kind) => (used[kind] ?? 0) < count && consumes(effect))
    );
  }

  /**
   * Open writes that can be put right before another one, since nobody will miss their value. Not while a failed
   * cas is to come: it wants any other value than its own, and an unseen write may be what it found.
   */
  #unseenWrites(): bigint {
    let bits = 0n;
    if (this.#observability.lastFailedCas >= this.#now) return bits;
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
