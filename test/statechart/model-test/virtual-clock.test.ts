import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/statechart/model-test/virtual-clock.ts';

describe('a virtual clock', () => {
  it('fires a timer once advances add up to its delay', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimeout(() => fired.push('15'), 15);
    clock.advance(10);
    clock.setTimeout(() => fired.push('10 later'), 10);
    clock.advance(4);
    expect(fired).toEqual([]);
    clock.advance(1);
    expect(fired).toEqual(['15']);
    clock.advance(5);
    expect(fired).toEqual(['15', '10 later']);
  });

  it('fires what is due by time, then in the order in which it was set, with what is set meanwhile', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimeout(() => fired.push('late'), 30);
    clock.setTimeout(() => {
      fired.push('first');
      clock.setTimeout(() => fired.push('set meanwhile'), 10);
    }, 10);
    clock.setTimeout(() => fired.push('second'), 10);
    clock.setTimeout(() => fired.push('too late'), 41);
    clock.advance(40);
    expect(fired).toEqual(['first', 'second', 'set meanwhile', 'late']);
  });

  it('fires nothing that is cleared', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    const id = clock.setTimeout(() => fired.push('cleared'), 10);
    clock.setTimeout(() => fired.push('kept'), 10);
    clock.clearTimeout(id);
    clock.advance(10);
    expect(fired).toEqual(['kept']);
  });
});
