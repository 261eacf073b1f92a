import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { MemorySnapshots } from '../../../src/adapters/storage/memory-snapshots.ts';
import type { Outcome, RaftNode, ReadOutcome } from '../../../src/node/node.ts';
import { SnapshotRefused, type SnapshotStore } from '../../../src/ports/snapshot-store.ts';
import { type Storage, StorageFailed } from '../../../src/ports/storage.ts';
import { encodePut } from '../../../src/store/kv/commands.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import {
  measuredNode,
  measuredStateMachine,
  measuredStorage,
} from '../../../src/store/metrics/measured-parts.ts';
import { Measurements } from '../../../src/store/metrics/measurements.ts';
import { command, noop } from '../../adapters/storage/writes.ts';
import { positionAt, snapshotStoreContract } from '../../contracts/snapshot-store.contract.ts';
import { stateMachineContract } from '../../contracts/state-machine.contract.ts';
import { storageContract } from '../../contracts/storage.contract.ts';

const unmoved = () => new Measurements(() => 0);

storageContract('a measured storage', async () => {
  const disk = createMemoryDisk();
  return { open: async () => measuredStorage(openMemory(disk), unmoved()), dispose: async () => {} };
});

snapshotStoreContract('the snapshot store of a measured storage', async () => {
  const shelf = { snapshot: null };
  return {
    open: async () => {
      const snapshots = new MemorySnapshots(shelf, 100);
      const { snapshots: store } = measuredStorage({ ...openMemory(), snapshots }, unmoved());
      return { store, close: async () => {} };
    },
    dispose: async () => {},
  };
});

stateMachineContract(
  'a measured state machine',
  () => {
    const { apply, snapshot, restore } = measuredStateMachine(new KvStateMachine(), unmoved());
    return { apply, snapshot: snapshot!, restore: restore! };
  },
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.uint8Array({ maxLength: 8 }))
    .map(([key, value]) => encodePut(key, value)),
);

/** Measurements on a clock that is set by hand. */
const clocked = () => {
  const clock = { ms: 0 };
  return { clock, measured: new Measurements(() => clock.ms) };
};

const seen = ({ sum, cumulative }: { sum: number; cumulative: readonly { count: number }[] }) => ({
  sum,
  count: cumulative.at(-1)!.count,
});

describe('a measured storage', () => {
  const failing = (failure: StorageFailed | null) => {
    const { clock, measured } = clocked();
    const inner: Storage = {
      ...openMemory(),
      append: () => {},
      sync: (done) => {
        clock.ms += 40;
        queueMicrotask(() => {
          clock.ms += 2;
          done(failure);
        });
      },
    };
    const storage = measuredStorage(inner, measured);
    const synced = new Promise((resolve) => storage.sync(resolve));
    return { measured, storage, synced };
  };

  it('times a sync until it is answered, and counts what was appended', async () => {
    const { measured, storage, synced } = failing(null);
    storage.append({
      hardState: { currentTerm: 1, votedFor: null },
      firstIndex: 1,
      entries: [noop(1), command(1, 'abc')],
    });
    await synced;
    expect(seen(measured.fsync)).toEqual({ sum: 0.042, count: 1 });
    expect(measured).toMatchObject({ appendedEntries: 2, appendedBytes: 3 });
  });

  it('passes a failed sync on, and does not time it', async () => {
    const failure = new StorageFailed('no space');
    const { measured, synced } = failing(failure);
    expect(await synced).toBe(failure);
    expect(seen(measured.fsync).count).toBe(0);
  });

  it('times snapshots that are saved, and counts those that fail, but not what is refused in the course of things', async () => {
    const { clock, measured } = clocked();
    const inner = new MemorySnapshots({ snapshot: null }, 100);
    let failure: Error | null = null;
    const failable =
      <Arguments extends readonly unknown[], Value>(call: (...given: Arguments) => Promise<Value>) =>
      async (...given: Arguments): Promise<Value> => {
        clock.ms += 300;
        if (failure !== null) throw failure;
        return call(...given);
      };
    const snapshots: SnapshotStore = {
      latest: null,
      receiving: null,
      read: () => null,
      save: failable((position, data) => inner.save(position, data)),
      receive: failable((info, chunk) => inner.receive(info, chunk)),
      install: failable((info) => inner.install(info)),
    };
    const store = measuredStorage({ ...openMemory(), snapshots }, measured).snapshots;
    const info = await store.save(positionAt(5), new Uint8Array(10));
    expect(seen(measured.snapshot)).toEqual({ sum: 0.3, count: 1 });
    const chunk = { offset: 0, bytes: new Uint8Array(10), checksum: 0 };
    const failAll = async (error: Error) => {
      failure = error;
      await expect(store.save(positionAt(6), new Uint8Array(10))).rejects.toBe(error);
      await expect(store.receive(info, chunk)).rejects.toBe(error);
      await expect(store.install(info)).rejects.toBe(error);
    };
    for (const reason of ['outdated', 'outOfOrder', 'closed'] as const) {
      await failAll(new SnapshotRefused(reason, reason));
    }
    expect(measured.snapshotFailures).toEqual({ save: 0, receive: 0, install: 0 });
    await failAll(new Error('no space'));
    await failAll(new SnapshotRefused('damaged', 'damaged'));
    expect(measured.snapshotFailures).toEqual({ save: 2, receive: 2, install: 2 });
    expect(seen(measured.snapshot).count).toBe(1);
  });
});

describe('a measured state machine', () => {
  it('times what is applied and restored', async () => {
    const { clock, measured } = clocked();
    const machine = measuredStateMachine(
      {
        apply: () => {
          clock.ms += 3;
          return 'done';
        },
        snapshot: () => new Uint8Array(),
        restore: async () => {
          clock.ms += 5000;
        },
      },
      measured,
    );
    expect(machine.apply(new Uint8Array(), { index: 1, term: 1 })).toBe('done');
    await machine.restore!((async function* () {})());
    expect(seen(measured.apply)).toEqual({ sum: 0.003, count: 1 });
    expect(seen(measured.restore)).toEqual({ sum: 5, count: 1 });
  });

  it('has snapshots only where its original has', () => {
    expect(measuredStateMachine({ apply: () => null }, unmoved())).not.toHaveProperty('snapshot');
  });
});

describe('a measured node', () => {
  const started = () => {
    const { clock, measured } = clocked();
    const settle: ((outcome: Outcome<string> & ReadOutcome) => void)[] = [];
    const wait = (done: (outcome: never) => void): void => {
      settle.push(done as (outcome: Outcome<string> & ReadOutcome) => void);
    };
    const inner = {
      id: 7,
      submit: (command: Uint8Array, done: (outcome: Outcome<string>) => void) => {
        if (command.length > 5) throw new RangeError('too large');
        wait(done);
      },
      read: wait,
    } as unknown as RaftNode<string>;
    return { clock, measured, settle, node: measuredNode(inner, measured) };
  };

  it('times commands and reads by their outcome, and knows how many wait', async () => {
    const { clock, measured, settle, node } = started();
    expect(node.id).toBe(7);
    const proposed = node.propose(new Uint8Array(1));
    const readable = node.readable();
    expect(measured).toMatchObject({ pendingProposals: 1, pendingReads: 1 });
    clock.ms = 20;
    settle[0]!({ type: 'overloaded' });
    clock.ms = 30;
    settle[1]!({ type: 'notLeader', leader: 2 });
    expect(await proposed).toEqual({ type: 'overloaded' });
    expect(await readable).toEqual({ type: 'notLeader', leader: 2 });
    expect(measured).toMatchObject({ pendingProposals: 0, pendingReads: 0 });
    expect(seen(measured.proposals.overloaded)).toEqual({ sum: 0.02, count: 1 });
    expect(seen(measured.reads.notLeader)).toEqual({ sum: 0.03, count: 1 });
    expect(seen(measured.proposals.applied).count).toBe(0);
  });

  it('does not wait for a command that is too large to be submitted', () => {
    const { measured, node } = started();
    expect(() => node.submit(new Uint8Array(6), () => {})).toThrow(RangeError);
    expect(measured.pendingProposals).toBe(0);
  });
});
