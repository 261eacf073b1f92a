/**
 * How long a frame takes over datagrams, on networks of different weather (virtual time), and how many commands a second a submitter takes at a leader, beside
 * `propose` alone (a cluster of one, in memory). Run it: `npm run bench:datagrams`.
 */
import { createMemoryDisk, openMemory } from '../src/adapters/storage/memory.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { MemoryNetwork } from '../src/adapters/transport/memory.ts';
import { createNode } from '../src/entry/create-node.ts';
import { createSubmitter } from '../src/entry/create-submitter.ts';
import { encodePut } from '../src/store/kv/commands.ts';
import { KvStateMachine } from '../src/store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../src/store/kv/result-codec.ts';
import { SessionStateMachine } from '../src/store/sessions/session-state-machine.ts';
import { LossyCarrier, type Weather } from '../test/adapters/transport/datagram/lossy-carrier.ts';
import { VirtualClock } from '../test/adapters/transport/virtual-clock.ts';

const frameBytes = 200_000;
const maxDatagramBytes = 1200;

const transfer = (weather: Weather): string => {
  const clock = new VirtualClock();
  const carrier = new LossyCarrier(clock, 1, weather);
  const [first, second] = [1, 2].map((id) => carrier.transport(id, { maxDatagramBytes }));
  let frames = 0;
  second!.listen(() => ({ opened: () => {}, frame: () => frames++, closed: () => {} }));
  const connection = first!.dial(2, { opened: () => {}, frame: () => {}, closed: () => {} });
  clock.advance(1000);
  connection.send(Uint8Array.of(1));
  clock.advance(1000);
  const [sent, begun] = [carrier.sent.length, clock.now()];
  connection.send(new Uint8Array(frameBytes));
  while (frames < 2 && clock.now() < begun + 60_000) clock.advance(1);
  return `${clock.now() - begun} ms, ${carrier.sent.length - sent} datagrams`;
};

const weathers: readonly (readonly [string, Weather])[] = [
  ['calm, 1 ms', { loss: 0, repetition: 0, minMs: 1, maxMs: 1 }],
  ['1 % lost, 5 ms', { loss: 0.01, repetition: 0, minMs: 5, maxMs: 5 }],
  ['reordered, 1 to 20 ms', { loss: 0, repetition: 0, minMs: 1, maxMs: 20 }],
  ['5 % lost, reordered', { loss: 0.05, repetition: 0, minMs: 1, maxMs: 20 }],
  ['15 % lost, reordered', { loss: 0.15, repetition: 0.15, minMs: 1, maxMs: 20 }],
];
for (const [name, weather] of weathers) {
  process.stdout.write(`${frameBytes} bytes, ${name}: ${transfer(weather)}\n`);
}

const commands = 20_000;
const atOnce = 64;
const node = createNode({
  id: 1,
  peers: [],
  storage: openMemory(createMemoryDisk()),
  transport: new MemoryNetwork({ clock: systemClock }).transport(1),
  stateMachine: new SessionStateMachine(new KvStateMachine(), kvResultCodec),
});
const submitter = createSubmitter({ node, results: kvResultCodec, send: () => {} });
while (node.status().role !== 'leader') await new Promise((resolve) => setTimeout(resolve, 10));
const command = encodePut('key', new Uint8Array(100));
const perSecond = async (run: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  let left = commands;
  const client = async (): Promise<void> => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return Math.round((commands / (performance.now() - begun)) * 1000);
};
process.stdout.write(`propose: ${await perSecond(() => node.propose(command))} commands a second\n`);
process.stdout.write(`submit: ${await perSecond(() => submitter.submit(command))} commands a second\n`);
await node.stop();
