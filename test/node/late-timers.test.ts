import { describe, expect, it } from 'vitest';
import { hearingFirst } from '../../src/node/late-timers.ts';
import type { Clock } from '../../src/ports/clock.ts';

const heartbeatIntervalMs = 50;

/** An event loop that stands still when told to, and then fires its timers before it reads what has arrived, as Node.js does. */
class Loop implements Clock {
  #now = 0;
  #timers = new Map<number, { readonly at: number; readonly fn: () => void }>();
  #deferred: (() => void)[] = [];
  #nextId = 1;

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, delayMs: number): number {
    this.#timers.set(this.#nextId, { at: this.#now + delayMs, fn });
    return this.#nextId++;
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as number);
  }

  defer(fn: () => void): void {
    this.#deferred.push(fn);
  }

  /** `ms` pass without a turn of the loop, then there is one: `arrived` is read in it. */
  standStill(ms: number, arrived: () => void): void {
    this.#now += ms;
    for (const [id, { at, fn }] of this.#timers) {
      if (at > this.#now || !this.#timers.delete(id)) continue;
      fn();
    }
    arrived();
    for (const fn of this.#deferred.splice(0)) fn();
  }
}

describe('the timers of a node whose event loop stood still', () => {
  const told: string[] = [];
  const begin = (...delays: readonly number[]) => {
    told.length = 0;
    const loop = new Loop();
    const clock = hearingFirst(loop, heartbeatIntervalMs);
    const timers = delays.map((delay) => clock.setTimeout(() => told.push(`${delay} ms`), delay));
    return { loop, clock, timers };
  };

  it('an election timeout that is long over is not believed before what has arrived is read, which may end it', () => {
    const { loop, clock, timers } = begin(150);
    loop.standStill(500, () => {
      told.push('read');
      clock.clearTimeout(timers[0]);
    });
    loop.standStill(500, () => {});
    expect(told).toEqual(['read']);
  });

  it('waits once more for as long as it was late, and then fires even if it is late again', () => {
    const { loop } = begin(150);
    loop.standStill(250, () => told.push('read'));
    loop.standStill(99, () => told.push('99 ms later'));
    loop.standStill(70, () => told.push('read again'));
    expect(told).toEqual(['read', '99 ms later', 'read again', '150 ms']);
  });

  it('waits no longer than for the first time', () => {
    const { loop } = begin(150);
    loop.standStill(10_000, () => told.push('read'));
    loop.standStill(150, () => told.push('150 ms later'));
    expect(told).toEqual(['read', '150 ms', '150 ms later']);
  });

  it('may be cleared while it waits once more', () => {
    const { loop, clock, timers } = begin(150);
    loop.standStill(250, () => {});
    clock.clearTimeout(timers[0]);
    loop.standStill(1000, () => {});
    expect(told).toEqual([]);
  });

  it('heartbeats leave at once, before the flood that held them up is read', () => {
    const { loop } = begin(heartbeatIntervalMs);
    loop.standStill(500, () => told.push('read'));
    expect(told).toEqual(['50 ms', 'read']);
  });

  it('a timer that is on time fires on time', () => {
    const { loop } = begin(150);
    loop.standStill(152, () => told.push('read'));
    expect(told).toEqual(['150 ms', 'read']);
  });

  it('a timer that was cleared does not fire', () => {
    const { loop, clock, timers } = begin(150);
    clock.clearTimeout(timers[0]);
    loop.standStill(500, () => told.push('read'));
    expect(told).toEqual(['read']);
  });
});
