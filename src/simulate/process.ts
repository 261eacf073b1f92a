import type { Clock } from '../ports/clock.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

interface Timer {
  readonly scheduled: Scheduled;
  isCleared: boolean;
}

/**
 * One run of one node's process: its clock, and whether it is alive. Everything that reaches the node comes through `run`, and everything
 * that the node does to the world asks `act` first. So a process can pause between two inputs, and end between two effects.
 */
export class SimulatedProcess implements Clock {
  #isAlive = true;
  readonly #world: VirtualClock;
  readonly #onDeath: () => void;
  /** What arrived while it was paused. */
  #backlog: (() => void)[] | null = null;
  /** How many more effects it will do; null: no limit. */
  #effectsLeft: number | null = null;
  #rate: number;
  #originWorldUs: number;
  #originLocalMs = 0;

  /** `onDeath` is called at once, in the middle of whatever the process is doing. */
  constructor(world: VirtualClock, rate: number, onDeath: () => void) {
    this.#world = world;
    this.#rate = rate;
    this.#originWorldUs = world.nowUs;
    this.#onDeath = onDeath;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#backlog !== null;
  }

  /** Hands `input` to the process: now, after a pause, or never. */
  run(input: () => void): void {
    if (!this.#isAlive) return;
    if (this.#backlog !== null) this.#backlog.push(input);
    else input();
  }

  /** Whether the process is still alive to do one more effect. Being asked may be what ends it. */
  act(): boolean {
    if (!this.#isAlive) return false;
    if (this.#effectsLeft === null) return true;
    if (this.#effectsLeft-- > 0) return true;
    this.kill();
    return false;
  }

  /** Lets it do `effects` more effects, and not finish the next one. */
  killAfter(effects: number): void {
    this.#effectsLeft = effects;
  }

  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#backlog = null;
    this.#onDeath();
  }

  pause(): void {
    if (this.#isAlive) this.#backlog ??= [];
  }

  resume(): void {
    const backlog = this.#backlog;
    this.#backlog = null;
    for (const input of backlog ?? []) this.run(input);
  }

  /** From now on its clock runs `rate` times as fast as time. Timers already set keep their expiry. */
  setRate(rate: number): void {
    this.#originLocalMs = this.now();
    this.#originWorldUs = this.#world.nowUs;
    this.#rate = rate;
  }

  now(): number {
    return this.#originLocalMs + ((this.#world.nowUs - this.#originWorldUs) * this.#rate) / 1000;
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    const timer: Timer = {
      // It may be cleared by what else is in the backlog, before its turn comes.
      isCleared: false,
      scheduled: this.#world.schedule((delayMs * 1000) / this.#rate, () =>
        this.run(() => {
          if (!timer.isCleared) fn();
        }),
      ),
    };
    return timer;
  }

  clearTimeout(id: unknown): void {
    if (id === undefined || id === null) return;
    const timer = id as Timer;
    timer.isCleared = true;
    this.#world.cancel(timer.scheduled);
  }

  defer(fn: () => void): void {
    this.#world.schedule(0, () => this.run(fn));
  }
}
