import { expect, it } from 'vitest';
import { MemoryNetwork } from '../../../src/adapters/transport/memory.ts';
import { transportContract } from '../../contracts/transport.contract.ts';
import { VirtualClock } from './virtual-clock.ts';

transportContract('memory', async () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock });
  return {
    first: network.transport(1),
    second: network.transport(2),
    until: async (isDone) => {
      for (let ms = 0; ms < 1000 && !isDone(); ms++) clock.advance(1);
      expect(isDone()).toBe(true);
    },
    dispose: async () => {},
  };
});

it('memory breaks the connections that a cut crosses, keeps the others, and heals', () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, latencyMs: 5 });
  const events: string[] = [];
  const handlers = (name: string) => ({
    opened: () => events.push(`${name} opened`),
    frame: (frame: Uint8Array) => events.push(`${name} got ${frame[0]}`),
    closed: (reason: string) => events.push(`${name}: ${reason}`),
  });
  const [one, two, three] = [network.transport(1), network.transport(2), network.transport(3)];
  two.listen(() => handlers('1 at 2'));
  three.listen(() => handlers('1 at 3'));
  const toTwo = one.dial(2, handlers('1 to 2'));
  const toThree = one.dial(3, handlers('1 to 3'));
  clock.advance(20);
  events.length = 0;

  toThree.send(new Uint8Array([7]));
  network.cut([1, 2], [3]);
  expect([toTwo.send(new Uint8Array([8])), toThree.send(new Uint8Array([9]))]).toEqual([true, false]);
  one.dial(3, handlers('again'));
  clock.advance(20);
  expect(events.sort()).toEqual(
    [
      '1 at 2 got 8',
      '1 to 3: the network is cut',
      '1 at 3: the network is cut',
      'again: the network is cut',
    ].sort(),
  );

  network.heal();
  events.length = 0;
  one.dial(3, handlers('healed'));
  clock.advance(20);
  expect(events).toContain('healed opened');
});

it('memory delivers a frame after the latency, not before', () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, latencyMs: 5 });
  const got: number[] = [];
  network
    .transport(2)
    .listen(() => ({ opened: () => {}, frame: () => got.push(clock.now()), closed: () => {} }));
  const connection = network.transport(1).dial(2, { opened: () => {}, frame: () => {}, closed: () => {} });
  clock.advance(100);
  connection.send(new Uint8Array([1]));
  clock.advance(4);
  expect(got).toEqual([]);
  clock.advance(1);
  expect(got).toEqual([105]);
});
