import { expect, it } from 'vitest';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import {
  createMemoryDisk,
  createNode,
  KvStateMachine,
  MemoryNetwork,
  openMemory,
} from '../../src/entry/index.ts';

it('a node whose chart errs stops with the error, which nobody who listens to it has to catch', async () => {
  const broken = () => {
    throw new Error('a guard that throws');
  };
  const node = createNode({
    id: 1,
    peers: [],
    storage: openMemory(createMemoryDisk()),
    transport: new MemoryNetwork({ clock: systemClock }).transport(1),
    stateMachine: new KvStateMachine(),
    settings: { electionTimeoutMinMs: 5, electionTimeoutMaxMs: 10 },
    machine: raftMachine.provide({ guards: { isSoleVoter: broken } }) as typeof raftMachine,
  });
  node.onChange(() => {});
  expect((await node.stopped)?.message).toContain('a guard that throws');
});
