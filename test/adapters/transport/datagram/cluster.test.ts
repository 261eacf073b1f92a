import { expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../../../src/adapters/storage/memory.ts';
import { createNode } from '../../../../src/entry/create-node.ts';
import type { Outcome, RaftNode } from '../../../../src/node/node.ts';
import { Stream } from '../../../../src/simulate/dice.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { calm, LossyCarrier, storm } from './lossy-carrier.ts';

it('three nodes elect a leader over a network that loses, repeats and reorders, and replicate all that is acknowledged, large commands too', async () => {
  const clock = new VirtualClock();
  const carrier = new LossyCarrier(clock, 1, storm);
  const ids = [1, 2, 3];
  const applied = new Map<number, number[]>(ids.map((id) => [id, []]));
  const nodes: RaftNode<number>[] = ids.map((id) =>
    createNode({
      id,
      peers: ids.filter((peer) => peer !== id),
      storage: openMemory(createMemoryDisk()),
      transport: carrier.transport(id, { maxDatagramBytes: 1200 }),
      clock,
      random: new Stream(id),
      // As one would set them for such a network.
      settings: { heartbeatIntervalMs: 100, electionTimeoutMinMs: 1000, electionTimeoutMaxMs: 2000 },
      incarnation: `run-of-${id}`,
      stateMachine: { apply: (command) => applied.get(id)!.push(command[0]! * 1e6 + command.length) },
    }),
  );
  const until = async (isDone: () => boolean) => {
    for (let ms = 0; ms < 60_000 && !isDone(); ms++) {
      clock.advance(1);
      await Promise.resolve();
    }
    expect(isDone()).toBe(true);
  };
  const leader = () => nodes.find((node) => node.status().role === 'leader');

  const expected: number[] = [];
  for (const [at, size] of [10, 200_000, 10, 3000, 10].entries()) {
    let outcome: Outcome<number> | null = null;
    await until(() => leader() !== undefined);
    leader()!.submit(new Uint8Array(size).fill(at + 1), (each) => {
      outcome = each;
    });
    await until(() => outcome !== null);
    expect(outcome).toMatchObject({ type: 'applied' });
    expected.push((at + 1) * 1e6 + size);
  }
  carrier.weather = calm;
  await until(() => [...applied.values()].every((each) => each.length === expected.length));
  expect([...applied.values()]).toEqual(ids.map(() => expected));
  const ends = nodes.map((node) => node.stop());
  for (let ms = 0; ms < 3000; ms++) {
    clock.advance(1);
    await Promise.resolve();
  }
  await Promise.all(ends);
});
