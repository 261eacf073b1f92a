import { draw } from '../raft/random.ts';

/**
 * Numbers from one seed, addressed instead of drawn in turn: the same address gives the same number whatever else was
 * asked before. So leaving out one fault, or one message, moves no other.
 */
export class Dice {
  readonly #state: number;

  constructor(seed: number, purpose = '') {
    let state = mix(seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0);
    for (let at = 0; at < purpose.length; at++) state = mix(state, purpose.charCodeAt(at));
    this.#state = state;
  }

  /** Uniform in [0, 1). */
  at(a: number, b = 0, c = 0, d = 0): number {
    return mix(mix(mix(mix(this.#state, a), b), c), d) / 0x1_0000_0000;
  }

  /** A uniform integer from 0 to 2^32 − 1. */
  uint32(a: number, b = 0, c = 0, d = 0): number {
    return mix(mix(mix(mix(this.#state, a), b), c), d);
  }

  /** A separate generator for what is consumed in order. */
  stream(a: number, b = 0): Stream {
    return new Stream(this.uint32(a, b));
  }
}

/** A sequence of draws, for one purpose only. */
export class Stream {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    const { state, fraction } = draw(this.#state);
    this.#state = state;
    return fraction;
  }

  /** A uniform integer from `min` to `max`, inclusive. */
  between(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)]!;
  }

  /** A random time until the next event of a process that has one every `mean` on average. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  uint32(): number {
    return Math.floor(this.fraction() * 0x1_0000_0000);
  }
}

/** Folds `value` into `state`: the finalizer of MurmurHash3 over both. */
const mix = (state: number, value: number): number => {
  let mixed = (state ^ Math.imul(value | 0, 0x9e3779b1)) + 0x6d2b79f5;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
