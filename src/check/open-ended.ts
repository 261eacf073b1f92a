import type { Observability, State } from './observability.ts';
import { unobservable } from './observability.ts';
import type { Effect, Value } from './operation.ts';

/** Open-ended steps that do the same: at any time so many of them may still take effect. */
export interface OpenEndedKind {
  readonly effect: OpenEndedEffect;
  readonly count: number;
  /** After this position none of them can make a difference, or it can only make any difference at all. */
  readonly lastUse: number;
}

/** As those of `Effect` that change the key, but it may lead to a state that nobody tells from others. */
export type StateEffect =
  | { readonly kind: 'set'; readonly to: State }
  | { readonly kind: 'remove' }
  | { readonly kind: 'swap'; readonly from: Value; readonly to: State }
  | { readonly kind: 'append'; readonly suffix: string };

/** Never of an open-ended step: of one that may not have happened nobody knows what it found. */
type OpenEndedEffect = Exclude<StateEffect, { readonly kind: 'remove' }>;

/**
 * The open-ended steps so far (an `info`, or no completion at all), gathered by what they do. A thousand
 * timed-out writes of five values are five kinds, not a thousand bits of every configuration; a kind goes when its value can no longer be seen.
 */
export class OpenEndedSteps {
  #kinds: OpenEndedKind[] = [];
  /** The indexes of what was asked for, by state, until the kinds change. */
  readonly #applicable = new Map<State, readonly number[]>();
  readonly #consumers = new Map<State, readonly number[]>();
  readonly #observability: Observability;

  constructor(observability: Observability) {
    this.#observability = observability;
  }

  get kinds(): readonly OpenEndedKind[] {
    return this.#kinds;
  }

  /** The indexes of the kinds that can take effect in `state`. */
  applicableTo(state: State): readonly number[] {
    return this.#indexes(
      this.#applicable,
      state,
      (effect) => effect.kind !== 'swap' || effect.from === state,
    );
  }

  /** The indexes of those to which it matters that the key holds `state`. */
  consumersOf(state: State): readonly number[] {
    return this.#indexes(
      this.#consumers,
      state,
      (effect) => effect.kind === 'append' || (effect.kind === 'swap' && effect.from === state),
    );
  }

  #indexes(
    known: Map<State, readonly number[]>,
    state: State,
    isMeant: (effect: OpenEndedEffect) => boolean,
  ): readonly number[] {
    let indexes = known.get(state);
    if (indexes === undefined) {
      indexes = this.#kinds.flatMap(({ effect }, kind) => (isMeant(effect) ? [kind] : []));
      known.set(state, indexes);
    }
    return indexes;
  }

  add(effect: Effect, now: number): void {
    if (effect.kind === 'is' || effect.kind === 'isNot' || effect.kind === 'remove') return;
    const settled = this.#settled(effect, now);
    this.#forgetIndexes();
    if (settled !== null) merge(this.#kinds, settled, 1, this.#lastUse(settled));
  }

  /** True if `forget(now)` has something to do. */
  isStale(now: number): boolean {
    return this.#kinds.some(({ lastUse }) => lastUse < now);
  }

  /**
   * Drops or merges the kinds whose last use has passed. Returns how the `used` counts of configurations
   * follow: the new index of each old one, or -1 for a kind that is gone.
   */
  forget(now: number): readonly number[] {
    const kept: OpenEndedKind[] = [];
    const moves = this.#kinds.map(({ effect, count, lastUse }) => {
      const settled = lastUse < now ? this.#settled(effect, now) : effect;
      return settled === null
        ? -1
        : merge(kept, settled, count, lastUse < now ? this.#lastUse(settled) : lastUse);
    });
    this.#kinds = kept;
    this.#forgetIndexes();
    return moves;
  }

  #forgetIndexes(): void {
    this.#applicable.clear();
    this.#consumers.clear();
  }

  /** What `effect` amounts to from `now` on; null if it can make no difference any more. */
  #settled(effect: OpenEndedEffect, now: number): OpenEndedEffect | null {
    if (effect.kind === 'append') {
      return this.#lastUse(effect) < now ? null : effect;
    }
    if (effect.kind === 'swap' && this.#observability.lastUseOf(effect.from) < now) return null;
    const to = this.#lastUseOf(effect.to) < now ? unobservable : effect.to;
    if (to === unobservable && this.#observability.lastUseOfOthers < now) return null;
    return { ...effect, to };
  }

  #lastUse(effect: OpenEndedEffect): number {
    if (effect.kind === 'append') {
      return Math.max(
        this.#observability.lastUseOfSuffix(effect.suffix),
        this.#observability.lastUseOfOthers,
      );
    }
    const to = effect.to === unobservable ? this.#observability.lastUseOfOthers : this.#lastUseOf(effect.to);
    return effect.kind === 'set' ? to : Math.min(to, this.#observability.lastUseOf(effect.from));
  }

  #lastUseOf(state: State): number {
    return state === unobservable ? 0 : this.#observability.lastUseOf(state);
  }
}

const merge = (kinds: OpenEndedKind[], effect: OpenEndedEffect, count: number, lastUse: number): number => {
  const index = kinds.findIndex((kind) => isSame(kind.effect, effect));
  if (index === -1) return kinds.push({ effect, count, lastUse }) - 1;
  kinds[index] = { effect, count: kinds[index]!.count + count, lastUse };
  return index;
};

export const isSame = (a: StateEffect, b: StateEffect): boolean => {
  switch (a.kind) {
    case 'set':
      return b.kind === 'set' && a.to === b.to;
    case 'remove':
      return b.kind === 'remove';
    case 'swap':
      return b.kind === 'swap' && a.from === b.from && a.to === b.to;
    case 'append':
      return b.kind === 'append' && a.suffix === b.suffix;
  }
};
