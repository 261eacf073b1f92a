import { describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, createMachine, type InspectionEvent } from 'xstate';
import { EventSampler } from '../../../src/statechart/inspect/event-sampler.ts';

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { Press: 'on' } }, on: { on: { Press: 'off' } } },
  on: { Look: {} },
});

const inspected = (perSecond: number) => {
  let now = 0;
  const sampler = new EventSampler(perSecond, () => now);
  const chosen: string[] = [];
  const describeEvent = (event: InspectionEvent): string => {
    if (event.type === '@xstate.actor') return 'actor';
    if (event.type === '@xstate.event') return `event ${event.event.type}`;
    return `snapshot ${(event as unknown as { snapshot: { value: string } }).snapshot.value}`;
  };
  const actor: AnyActorRef = createActor(lamp, {
    inspect: (event) => chosen.push(...sampler.choose(event).map(describeEvent)),
  });
  actor.start();
  chosen.length = 0;
  return {
    send: (type: string) => {
      actor.send({ type });
      return chosen.splice(0);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
};

describe('sample of inspection events', () => {
  it('holds the events that change the state, with the snapshots after them', () => {
    const { send, pass } = inspected(1);
    send('Look');
    for (const state of ['on', 'off', 'on']) {
      pass(200);
      expect(send('Look')).toEqual([]);
      expect(send('Press')).toEqual(['event Press', `snapshot ${state}`]);
    }
  });

  it('limits also the changes, and shows the state when there is room again', () => {
    const { send, pass } = inspected(10);
    pass(1000);
    const sent = Array.from({ length: 1000 }, () => {
      pass(1);
      return send('Press');
    });
    expect(sent.flat().length).toBeLessThanOrEqual(2 * 75);
  });

  it('holds other events at most so many times a second, with their snapshots', () => {
    const { send, pass } = inspected(10);
    pass(1000);
    const sent = Array.from({ length: 1000 }, () => {
      pass(1);
      return send('Look');
    });
    const events = sent.flat().filter((text) => text === 'event Look').length;
    expect(events).toBeGreaterThanOrEqual(9);
    expect(events).toBeLessThanOrEqual(13);
    expect(sent.flat().filter((text) => text === 'snapshot off')).toHaveLength(events);
  });

  it('spreads over a second instead of taking its first burst', () => {
    const { send, pass } = inspected(20);
    pass(1000);
    const atOnce = Array.from({ length: 100 }, () => send('Look')).flat();
    expect(atOnce.filter((text) => text === 'event Look').length).toBeLessThanOrEqual(5);
  });
});
