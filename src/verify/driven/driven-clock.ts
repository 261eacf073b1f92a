import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { TimerName } from '../../node/step.ts';
import type { Clock } from '../../ports/clock.ts';
import { assert } from '../../raft/assert.ts';

/**
 * So long, and so far apart, that a delay identifies its timer in the role chart: the election timeout is drawn
 * from between two of the others, and never equals either. All other timers of a node are shorter.
 */
export const drivenTimes = {
  heartbeatIntervalMs: 1e6,
  /** Also `leaderLease`. */
  electionTimeoutMinMs: 1e8,
  /** Also `quorumCheck`. */
  electionTimeoutMaxMs: 2e8,
} as const;

/** On a real node as long as a quorum check: here of their own lengths, so that they have names of their own. */
const transferTimeoutMs = 3e8;
const catchUpRoundMs = 4e8;
const catchUpTimeoutMs = 5e8;

/** `machine`, in which no two timers take equally long if its settings have `drivenTimes`. */
export const withDrivenTimes = (machine: typeof raftMachine): typeof raftMachine =>
  machine.provide({
    delays: {
      transferTimeout: () => transferTimeoutMs,
      catchUpRound: () => catchUpRoundMs,
      catchUpTimeout: () => catchUpTimeoutMs,
    },
  });

interface Timer {
  readonly name: TimerName | null;
  readonly run: () => void;
}

/**
 * The clock of one run of a driven node. Time stands still: a timer of the role chart expires when told to, and any other
 * never does. Whatever is to happen "later" waits in one queue until `runAll`.
 */
export class DrivenClock implements Clock {
  /** Whether what is deferred waits for `releaseDeferred`. */
  holdsDeferred = false;
  readonly #timers = new Set<Timer>();
  readonly #started = new Set<TimerName>();
  #queue: (() => void)[] = [];
  #held: (() => void)[] = [];

  now(): number {
    return 0;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { name: drivenTimerOf(delayMs), run };
    this.#timers.add(timer);
    if (timer.name !== null) this.#started.add(timer.name);
    return timer;
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as Timer);
  }

  defer(run: () => void): void {
    if (this.holdsDeferred) this.#held.push(run);
    else this.#queue.push(run);
  }

  /** For the transport: as soon as the current call is over. */
  later(run: () => void): void {
    this.#queue.push(run);
  }

  isArmed(name: TimerName): boolean {
    return this.#timerOf(name) !== undefined;
  }

  /** The timer, which must be armed, expires. */
  expire(name: TimerName): void {
    const timer = this.#timerOf(name);
    assert(timer !== undefined, 'a timer that expires is armed', name, this.#armed);
    this.#timers.delete(timer);
    timer.run();
  }

  /** Runs everything in the queue, and whatever that adds to it. */
  runAll(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }

  /** Moves what was held back into the queue. False: there was nothing. */
  releaseDeferred(): boolean {
    const held = this.#held;
    this.#held = [];
    this.#queue.push(...held);
    return held.length > 0;
  }

  /** The timers of the role chart that were started since `forgetStarted`, by name. */
  get started(): readonly TimerName[] {
    return [...this.#started].sort();
  }

  forgetStarted(): void {
    this.#started.clear();
  }

  #timerOf(name: TimerName): Timer | undefined {
    return [...this.#timers].find((each) => each.name === name);
  }

  get #armed(): readonly (TimerName | null)[] {
    return [...this.#timers].map(({ name }) => name).filter((name) => name !== null);
  }
}

/** The timer of the role chart that takes so long under `drivenTimes`; null: it is another one. */
export const drivenTimerOf = (delayMs: number): TimerName | null => {
  const { heartbeatIntervalMs, electionTimeoutMinMs, electionTimeoutMaxMs } = drivenTimes;
  if (delayMs < heartbeatIntervalMs) return null;
  if (delayMs === heartbeatIntervalMs) return 'heartbeatInterval';
  if (delayMs === electionTimeoutMinMs) return 'leaderLease';
  if (delayMs === transferTimeoutMs) return 'transferTimeout';
  if (delayMs === catchUpRoundMs) return 'catchUpRound';
  if (delayMs === catchUpTimeoutMs) return 'catchUpTimeout';
  return delayMs === electionTimeoutMaxMs ? 'quorumCheck' : 'electionTimeout';
};
