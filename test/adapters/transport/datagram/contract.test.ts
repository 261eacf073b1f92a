import { describe, expect } from 'vitest';
import { transportContract } from '../../../contracts/transport.contract.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { calm, LossyCarrier, storm, type Weather } from './lossy-carrier.ts';

const weathers: readonly (readonly [
  name: string,
  weather: Weather,
  maxDatagramBytes: number,
  seeds: number,
])[] = [
  ['datagrams on a calm network', calm, 65_507, 1],
  ['datagrams that are reordered', { ...storm, loss: 0, repetition: 0 }, 16_384, 2],
  ['datagrams that are repeated', { ...calm, repetition: 0.5 }, 16_384, 1],
  ['datagrams that are lost, repeated and reordered', storm, 16_384, 10],
  ['short datagrams that are lost, repeated and reordered', storm, 1200, 2],
];

describe.each(weathers)('%s', (name, weather, maxDatagramBytes, seeds) => {
  for (let seed = 1; seed <= seeds; seed++) {
    transportContract(`${name} (seed ${seed})`, async () => {
      const clock = new VirtualClock();
      const carrier = new LossyCarrier(clock, seed, weather);
      return {
        first: carrier.transport(1, { maxDatagramBytes }),
        second: carrier.transport(2, { maxDatagramBytes }),
        until: async (isDone) => {
          for (let ms = 0; ms < 60_000 && !isDone(); ms++) clock.advance(1);
          expect(isDone()).toBe(true);
        },
        dispose: async () => {},
      };
    });
  }
});
