import { createSocket, type Socket } from 'node:dgram';
import { describe, expect } from 'vitest';
import { createDatagramTransport } from '../../../../src/entry/create-datagram-transport.ts';
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

const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
};

transportContract('UDP', async () => {
  const sockets = await Promise.all([bound(), bound()]);
  const ports = sockets.map((socket) => socket.address().port);
  const [first, second] = sockets.map((socket) => {
    const send = (to: number, bytes: Uint8Array) => socket.send(bytes, ports[to - 1]!, '127.0.0.1');
    const transport = createDatagramTransport({ send, maxDatagramBytes: 1200 });
    socket.on('message', (bytes, { port }) => transport.receive(ports.indexOf(port) + 1, bytes));
    return transport;
  });
  return {
    first: first!,
    second: second!,
    until: async (isDone) => {
      const deadline = performance.now() + 20_000;
      while (!isDone()) {
        if (performance.now() > deadline) throw new Error('nothing happened');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    dispose: async () => {
      await Promise.all([first!, second!].map((each) => new Promise<void>((resolve) => each.close(resolve))));
      for (const socket of sockets) socket.close();
    },
  };
});
