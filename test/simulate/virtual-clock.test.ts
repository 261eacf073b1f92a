import { describe, expect, it } from 'vitest';
import { SimulatedProcess } from '../../src/simulate/process.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';

const drain = (clock: VirtualClock, limitUs = 1_000_000) => {
  while (clock.runNext(limitUs));
};

describe('virtual clock', () => {
  it('runs events in order of time, and those of one time in the order they were set', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const [delay, name] of [
      [30, 'c'],
      [10, 'a'],
      [30, 'd'],
      [20, 'b'],
    ] as const) {
      clock.schedule(delay, () => seen.push(`${name}@${clock.nowUs}`));
    }
    drain(clock);
    expect(seen).toEqual(['a@10', 'b@20', 'c@30', 'd@30']);
  });

  it('shows each event its own time, also those that an earlier one sets', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.schedule(10, () => clock.schedule(5, () => seen.push(clock.nowUs)));
    clock.schedule(25, () => seen.push(clock.nowUs));
    drain(clock);
    expect(seen).toEqual([15, 25]);
  });

  it('leaves out what was cancelled, and stops at the limit', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.cancel(clock.schedule(10, () => seen.push('cancelled')));
    clock.schedule(50, () => seen.push('late'));
    expect(clock.runNext(40)).toBe(false);
    expect([clock.nowUs, seen]).toEqual([40, []]);
    drain(clock);
    expect(seen).toEqual(['late']);
  });

  it('keeps a thousand random timers in order', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    for (let at = 0; at < 1000; at++) clock.schedule((at * 7919) % 997, () => seen.push(clock.nowUs));
    drain(clock);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).toHaveLength(1000);
  });
});

describe('a simulated process', () => {
  const started = (rate = 1) => {
    const clock = new VirtualClock();
    const deaths: number[] = [];
    const process = new SimulatedProcess(clock, rate, () => deaths.push(clock.nowUs));
    return { clock, process, deaths };
  };

  it('dies between two effects, and does nothing after', () => {
    const { process, deaths } = started();
    process.killAfter(2);
    expect([process.act(), process.act(), process.act(), process.act()]).toEqual([true, true, false, false]);
    expect(deaths).toEqual([0]);
    expect(process.isAlive).toBe(false);
  });

  it('takes what arrived during a pause once that is over, in order', () => {
    const { clock, process } = started();
    const seen: string[] = [];
    process.setTimeout(() => seen.push('timer'), 1);
    process.pause();
    process.run(() => seen.push('input'));
    drain(clock);
    expect(seen).toEqual([]);
    process.resume();
    expect(seen).toEqual(['input', 'timer']);
  });

  it('has a clock that runs at its own rate', () => {
    const { clock, process } = started(2);
    const firedUs: number[] = [];
    process.setTimeout(() => firedUs.push(clock.nowUs), 100);
    drain(clock);
    expect(firedUs).toEqual([50_000]);
    expect(process.now()).toBe(2000);
    process.setRate(0.5);
    clock.runNext(1_100_000);
    expect(process.now()).toBe(2050);
  });

  it('drops its timers when it dies', () => {
    const { clock, process } = started();
    process.setTimeout(() => expect.unreachable(), 1);
    process.kill();
    drain(clock);
  });
});
