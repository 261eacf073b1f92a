import { describe, expect, it } from 'vitest';
import { createMemoryDisk, type MemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { MemorySnapshots } from '../../src/adapters/storage/memory-snapshots.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { Applier, defaultSliceLimits } from '../../src/node/applier.ts';
import type { Outcome } from '../../src/node/node.ts';
import { NodeSnapshots } from '../../src/node/node-snapshots.ts';
import { paced } from '../../src/node/paced.ts';
import { SnapshotReceiver } from '../../src/node/snapshot-receiver.ts';
import { SnapshotSender } from '../../src/node/snapshot-sender.ts';
import { Snapshotter } from '../../src/node/snapshotter.ts';
import { WaitingCommands } from '../../src/node/waiting-commands.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type Log, silentLog } from '../../src/ports/log.ts';
import { abandon } from '../../src/ports/snapshot-pieces.ts';
import { SnapshotRefused, type SnapshotStore } from '../../src/ports/snapshot-store.ts';
import type { Storage } from '../../src/ports/storage.ts';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import { decodeConfiguration } from '../../src/raft/configuration-payload.ts';
import type { Input } from '../../src/raft/inputs.ts';
import { encodeGet, encodePut } from '../../src/store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../../src/store/kv/kv-state-machine.ts';
import { closed, synced } from '../adapters/storage/writes.ts';
import { dataIn, dataOf, positionAt } from '../contracts/snapshot-store.contract.ts';

const text = (value: string) => new TextEncoder().encode(value);
const configuration = Uint8Array.from([1, 2]);

const until = async (isDone: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 10_000 && !isDone(); turn++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(isDone()).toBe(true);
};

/** Timers that fire when a test says so; the rest is real. */
const clockWithTimers = () => {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    setTimeout: (fn) => timers.push(fn),
    clearTimeout: () => {
      timers.length = 0;
    },
    defer: systemClock.defer,
  };
  return { clock, timers };
};

const limits = { maxCommands: 100, maxBytes: 1e6, maxCommandBytes: 1e5, timeoutMs: 1000 };

/** A state machine and its applier on a disk, as a node has them. */
const applierOn = (disk: MemoryDisk) => {
  const storage = openMemory(disk);
  const stateMachine = new KvStateMachine();
  const { clock } = clockWithTimers();
  const waiting = new WaitingCommands<KvResult>(clock, limits, () => {});
  const reported: number[] = [];
  const errors: Error[] = [];
  const applier = new Applier(storage, stateMachine, waiting, clock, defaultSliceLimits, (index) =>
    reported.push(index),
  );
  return {
    storage,
    stateMachine,
    waiting,
    applier,
    reported,
    errors,
    run: () => applier.run((error) => errors.push(error)),
  };
};

const appendPuts = async (storage: Storage, from: number, to: number): Promise<void> => {
  for (let index = from; index <= to; index++) {
    storage.append({
      hardState: { currentTerm: 1, votedFor: null },
      firstIndex: index,
      entries: [{ term: 1, kind: 'command', payload: encodePut(`k${index % 7}`, text(`v${index}`)) }],
    });
  }
  expect(await synced(storage)).toBeNull();
};

const readText = (kv: KvStateMachine, key: string) => {
  const result = kv.apply(encodeGet(key));
  return result.type === 'found' ? new TextDecoder().decode(result.value) : null;
};

/** The snapshot of what entries 1 to `index` make. */
const stateAfter = (index: number) => {
  const kv = new KvStateMachine();
  for (let each = 1; each <= index; each++) kv.apply(encodePut(`k${each % 7}`, text(`v${each}`)));
  return kv.snapshot();
};

describe('the applier', () => {
  it('restores the snapshot first, then applies only what follows it, and reports no more than is known to be committed', async () => {
    const disk = createMemoryDisk();
    const first = openMemory(disk);
    await appendPuts(first, 1, 40);
    await first.snapshots.save({ index: 25, term: 1, configuration }, stateAfter(25));
    first.compact(20, 1);
    expect(await synced(first)).toBeNull();
    await closed(first);

    const { storage, stateMachine, applier, reported, run } = applierOn(disk);
    expect(storage.recovered).toMatchObject({ baseIndex: 20, lastIndex: 40 });
    expect([applier.restored, applier.replayed]).toEqual([0, 0]);
    const applied: number[] = [];
    applier.observe({
      applied: (index) => applied.push(index),
      restored: (index) => applied.push(-index),
      takeIfDue: () => {},
    });
    run();
    run();
    await until(() => applier.restored === null);
    expect([applier.lastApplied, reported, applier.replayed]).toEqual([25, [], 1]);
    applier.commit(22);
    run();
    expect(reported).toEqual([22]);
    applier.commit(40);
    expect(applier.replayed).toBe(25 / 40);
    run();
    await until(() => applier.lastApplied === 40);
    expect(applied).toEqual([-25, ...Array.from({ length: 15 }, (_, i) => 26 + i)]);
    expect(reported).toEqual([22, 40]);
    for (const index of [38, 39, 40]) expect(readText(stateMachine, `k${index % 7}`)).toBe(`v${index}`);
  });

  it('takes the state of a snapshot that was installed meanwhile, and tells whoever waits for an entry under it that its outcome is unknown', async () => {
    const { storage, stateMachine, waiting, applier, reported, errors, run } = applierOn(createMemoryDisk());
    await appendPuts(storage, 1, 10);
    applier.commit(10);
    run();
    expect(applier.lastApplied).toBe(10);
    const outcomes: Outcome<KvResult>[] = [];
    waiting.submit(text('x'), (outcome) => outcomes.push(outcome));
    waiting.accept([1], 12, 1);

    await storage.snapshots.save({ index: 30, term: 2, configuration }, stateAfter(30));
    storage.compact(30, 2);
    applier.restoreSnapshot();
    applier.commit(30);
    run();
    await until(() => reported.at(-1) === 30);
    expect(outcomes).toEqual([{ type: 'unknownOutcome', index: 12, term: 1 }]);
    expect(readText(stateMachine, 'k2')).toBe('v30');
    expect(errors).toEqual([]);
  });

  it('names what is missing when there is a snapshot and the state machine cannot restore it', async () => {
    const disk = createMemoryDisk();
    const storage = openMemory(disk);
    await storage.snapshots.save(positionAt(3), text('state'));
    const { clock } = clockWithTimers();
    const waiting = new WaitingCommands<null>(clock, limits, () => {});
    const applier = new Applier(storage, { apply: () => null }, waiting, clock, defaultSliceLimits, () => {});
    const errors: Error[] = [];
    applier.run((error) => errors.push(error));
    await until(() => errors.length > 0);
    expect(errors[0]?.message).toBe(
      'there is a snapshot of the log up to entry 3, but the state machine has no restore(): give it one, with snapshot()',
    );
  });

  it('lets other things happen while a large snapshot is restored', async () => {
    const disk = createMemoryDisk();
    const kv = new KvStateMachine();
    for (let n = 0; n < 5000; n++) kv.apply(encodePut(`key ${n}`, new Uint8Array(1000)));
    await openMemory(disk).snapshots.save({ index: 5000, term: 1, configuration }, kv.snapshot());
    const { applier, run, stateMachine } = applierOn(disk);
    let turns = 0;
    const count = () => {
      turns += 1;
      if (applier.restored !== null) setImmediate(count);
    };
    const seen = new Set<number>();
    run();
    count();
    await until(() => {
      if (applier.restored !== null) seen.add(Math.floor(applier.restored * 10));
      return applier.restored === null;
    });
    expect(stateMachine.size).toBe(5000);
    expect(turns).toBeGreaterThan(70);
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('the snapshotter', () => {
  const setUp = (
    snapshots: SnapshotStore,
    snapshotLimits: { snapshotBytes: number; snapshotEntries: number },
  ) => {
    const { clock, timers } = clockWithTimers();
    const stateMachine = new KvStateMachine();
    const saved: number[] = [];
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (fields, message) => errors.push(`${message}: ${fields.error}`) };
    const snapshotter = new Snapshotter({
      stateMachine,
      snapshots,
      clock,
      log,
      limits: snapshotLimits,
      configurationAt: (index) => Uint8Array.from([index]),
      saved: ({ index }) => saved.push(index),
    });
    let last = 0;
    const apply = (payloadBytes: number) => {
      last += 1;
      stateMachine.apply(encodePut(`k${last % 5}`, text(`v${last}`)));
      snapshotter.applied(last, 1, payloadBytes);
      snapshotter.takeIfDue();
    };
    return { snapshotter, stateMachine, saved, errors, timers, apply, last: () => last };
  };

  it('takes a snapshot by entries or by bytes of log, whichever is first (arcadedb#5345)', async () => {
    for (const [snapshotLimits, expected] of [
      [{ snapshotEntries: 10, snapshotBytes: 1e9 }, 10],
      [{ snapshotEntries: 1e9, snapshotBytes: 1000 }, 8],
    ] as const) {
      const snapshots = new MemorySnapshots({ snapshot: null });
      const { apply, saved, last } = setUp(snapshots, snapshotLimits);
      // Of 100 bytes each, and what an entry costs beside.
      while (snapshots.latest === null && last() < 100) {
        apply(100);
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(snapshots.latest).toMatchObject({
        index: expected,
        term: 1,
        configuration: Uint8Array.from([expected]),
      });
      expect(saved).toEqual([expected]);
    }
  });

  it('writes the state as it was when the snapshot was due, while commands are applied; the next one is due as much later', async () => {
    const snapshots = new MemorySnapshots({ snapshot: null });
    const { apply, saved } = setUp(snapshots, { snapshotEntries: 20, snapshotBytes: 1e9 });
    for (let n = 0; n < 39; n++) apply(10);
    await until(() => saved.length === 1);
    const restored = new KvStateMachine();
    const data = dataIn(snapshots);
    await restored.restore(
      (async function* () {
        yield data;
      })(),
    );
    expect([0, 1, 2, 3, 4].map((n) => readText(restored, `k${n}`))).toEqual([
      'v20',
      'v16',
      'v17',
      'v18',
      'v19',
    ]);
    apply(10);
    await until(() => saved.length === 2);
    expect(saved).toEqual([20, 40]);
  });

  it('takes the next one at once if that has become due meanwhile', async () => {
    const { apply, saved } = setUp(new MemorySnapshots({ snapshot: null }), {
      snapshotEntries: 20,
      snapshotBytes: 1e9,
    });
    for (let n = 0; n < 45; n++) apply(10);
    await until(() => saved.length === 2);
    expect(saved).toEqual([20, 45]);
  });

  it('takes none before there is a quarter as much log as the last one is long, so that a large state is not written again and again', async () => {
    const snapshots = new MemorySnapshots({ snapshot: null });
    await snapshots.save(positionAt(1), dataOf(4000));
    const { apply, saved, last } = setUp(snapshots, { snapshotEntries: 2, snapshotBytes: 100 });
    // Of 60 bytes each, and 40 that an entry costs beside.
    while (saved.length === 0 && last() < 100) {
      apply(60);
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(saved).toEqual([10]);
  });

  it('takes no more pieces once it was given up, and tells the state machine, also before the first piece', async () => {
    for (const taken of [0, 1]) {
      const stateMachine = new KvStateMachine();
      for (const data of [stateMachine.snapshot(), [dataOf(1), dataOf(1)]]) {
        const pieces = paced(data, systemClock);
        if (taken === 1) await pieces.next();
        await pieces.return!();
        expect(await pieces.next()).toEqual({ done: true, value: undefined });
      }
      expect(() => stateMachine.snapshot()).not.toThrow();
    }
  });

  it('reports a snapshot that cannot be saved, stops nothing, and tries again; when space returns it heals (arcadedb#7037)', async () => {
    const snapshots = new MemorySnapshots({ snapshot: null });
    let isFull = true;
    const latest = { get: () => snapshots.latest };
    const store: SnapshotStore = Object.assign(Object.create(snapshots, { latest }), {
      save: async (...args: Parameters<SnapshotStore['save']>) => {
        if (!isFull) return snapshots.save(...args);
        const data = args[1] as AsyncGenerator<Uint8Array>;
        await data.next();
        await abandon(data);
        throw new Error('ENOSPC: no space left on device');
      },
    });
    const { apply, saved, errors, timers, last } = setUp(store, { snapshotEntries: 10, snapshotBytes: 1e9 });
    for (let n = 0; n < 10; n++) apply(10);
    await until(() => errors.length === 1);
    expect(errors[0]).toMatch(/could not be saved.*: ENOSPC/);
    for (let n = 0; n < 50; n++) apply(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect([errors.length, timers.length]).toEqual([1, 1]);
    timers.pop()!();
    await until(() => errors.length === 2);
    isFull = false;
    timers.pop()!();
    await until(() => saved.length === 1);
    expect(saved).toEqual([last()]);
  });

  it('counts from a snapshot that was restored, and does not mind that one from another node reaches further', async () => {
    const snapshots = new MemorySnapshots({ snapshot: null });
    const { snapshotter, apply, saved, errors } = setUp(snapshots, {
      snapshotEntries: 10,
      snapshotBytes: 1e9,
    });
    for (let n = 0; n < 9; n++) apply(10);
    await snapshots.save(positionAt(50), dataOf(10));
    snapshotter.restored(9, 1);
    for (let n = 0; n < 9; n++) apply(10);
    expect(snapshots.latest?.index).toBe(50);
    apply(10);
    await until(() => true);
    await new Promise((resolve) => setImmediate(resolve));
    expect([saved, errors]).toEqual([[], []]);
  });

  describe('asked for a snapshot', () => {
    const rare = { snapshotEntries: 1e9, snapshotBytes: 1e9 };

    it('takes one, whatever the limits say, and resolves when it is durable', async () => {
      const snapshots = new MemorySnapshots({ snapshot: null });
      const { snapshotter, apply, saved } = setUp(snapshots, rare);
      for (let n = 0; n < 3; n++) apply(10);
      await snapshotter.take();
      expect([snapshots.latest?.index, saved]).toEqual([3, [3]]);
    });

    it('waits for the one that is being taken, and takes another if more is applied by then', async () => {
      const snapshots = new MemorySnapshots({ snapshot: null });
      const { snapshotter, apply, saved } = setUp(snapshots, { ...rare, snapshotEntries: 10 });
      for (let n = 0; n < 10; n++) apply(10);
      const taken = [snapshotter.take(), snapshotter.take()];
      apply(10);
      await Promise.all(taken);
      // The second finds that the first has done it, and tells that again.
      expect(saved).toEqual([10, 11, 11]);
    });

    it('tells of the one that reaches as far, and not of one that reaches beyond what is applied', async () => {
      const snapshots = new MemorySnapshots({ snapshot: null });
      const { snapshotter, apply, saved } = setUp(snapshots, rare);
      for (let n = 0; n < 3; n++) apply(10);
      await snapshots.save(positionAt(3), dataOf(10));
      await snapshotter.take();
      expect(saved).toEqual([3]);
      await snapshots.save(positionAt(5), dataOf(10));
      await snapshotter.take();
      expect([snapshots.latest?.index, saved]).toEqual([5, [3]]);
    });

    it('rejects with the reason why it could not be saved, and may be asked again', async () => {
      const snapshots = new MemorySnapshots({ snapshot: null });
      let isFull = true;
      const save = snapshots.save.bind(snapshots);
      snapshots.save = async (position, data) => {
        if (!isFull) return save(position, data);
        await abandon(data);
        throw new Error('ENOSPC: no space left on device');
      };
      const { snapshotter, apply, saved, errors } = setUp(snapshots, rare);
      apply(10);
      await expect(snapshotter.take()).rejects.toThrow('ENOSPC');
      expect([saved, errors.length]).toEqual([[], 1]);
      isFull = false;
      await snapshotter.take();
      expect(saved).toEqual([1]);
    });

    it('is content if one from another node reaches as far meanwhile', async () => {
      const snapshots = new MemorySnapshots({ snapshot: null });
      snapshots.save = () =>
        Promise.reject(new SnapshotRefused('outdated', 'one that reaches as far is there'));
      const { snapshotter, apply, saved, errors, timers } = setUp(snapshots, rare);
      apply(10);
      await snapshotter.take();
      expect([saved, errors, timers]).toEqual([[], [], []]);
    });
  });
});

describe('a snapshot on its way from node to node', () => {
  const sendAll = async (
    from: SnapshotSender,
    to: SnapshotReceiver,
    index: number,
    damage = (_: Uint8Array) => {},
  ) => {
    for (let offset = 0; ; ) {
      const next = from.chunkFor(2, index, offset);
      if (next === null) return false;
      const { info, chunk, isLast } = next;
      const bytes = Uint8Array.from(chunk.bytes);
      damage(bytes);
      to.take(info, { ...chunk, bytes }, isLast);
      offset += chunk.bytes.length;
      if (isLast) return true;
    }
  };
  const setUp = () => {
    const source = new MemorySnapshots({ snapshot: null }, 100);
    const target = new MemorySnapshots({ snapshot: null }, 100);
    const events: string[] = [];
    const receiver = new SnapshotReceiver({
      snapshots: target,
      log: silentLog,
      clock: systemClock,
      received: (index) => events.push(`received ${index}`),
      failed: (index) => events.push(`failed ${index}`),
    });
    return { source, target, events, receiver, sender: new SnapshotSender(source, silentLog) };
  };

  it('arrives whole, and is reported once it is durable', async () => {
    const { source, target, events, sender, receiver } = setUp();
    const info = await source.save(positionAt(8), dataOf(777));
    expect(await sendAll(sender, receiver, 8)).toBe(true);
    await until(() => events.length > 0);
    expect(events).toEqual(['received 8']);
    expect(target.latest).toEqual(info);
    expect(dataIn(target).equals(dataOf(777))).toBe(true);
  });

  it('is gone on with though a newer one is saved meanwhile, until it is let go of', async () => {
    const { source, sender } = setUp();
    await source.save(positionAt(8), dataOf(300, 8));
    expect(sender.chunkFor(2, 8, 0)?.chunk.offset).toBe(0);
    await source.save(positionAt(9), dataOf(300, 9));
    expect(sender.chunkFor(2, 8, 200)).toMatchObject({ info: { index: 8 }, isLast: true });
    expect(sender.chunkFor(3, 8, 0)).toBeNull();
    expect(sender.chunkFor(3, 9, 0)?.info.index).toBe(9);
    sender.keepFor((peer) => peer === 3);
    expect(sender.chunkFor(2, 8, 200)).toBeNull();
    expect(sender.chunkFor(2, 9, 100)?.chunk.offset).toBe(100);
    expect(sender.chunkFor(2, 9, 300)).toBeNull();
  });

  it('that is damaged on the way is refused, and the leader begins again', async () => {
    const { source, target, events, sender, receiver } = setUp();
    await source.save(positionAt(8), dataOf(250));
    await sendAll(sender, receiver, 8, (bytes) => {
      bytes[3]! ^= 1;
    });
    await until(() => events.length === 3);
    expect(events).toEqual(['failed 8', 'failed 8', 'failed 8']);
    expect(target.latest).toBeNull();
    await sendAll(sender, receiver, 8);
    await until(() => events.length === 4);
    expect(target.latest?.index).toBe(8);
  });
});

describe('the snapshots of a node', () => {
  const configurations = [firstConfiguration([1, 2, 3]), { ...firstConfiguration([1, 2]), index: 3 }];
  const setUp = (instead: Partial<SnapshotStore> = {}) => {
    const snapshots = Object.assign(new MemorySnapshots({ snapshot: null }), instead);
    const { clock, timers } = clockWithTimers();
    const inputs: Input[] = [];
    const node = new NodeSnapshots({
      stateMachine: new KvStateMachine(),
      snapshots,
      clock,
      log: silentLog,
      limits: { snapshotEntries: 1e9, snapshotBytes: 1e9 },
      configurations: () => configurations,
      input: (event) => inputs.push(event),
    });
    return { node, snapshots, timers, inputs };
  };

  it('carry the members as of their last entry', async () => {
    const { node, snapshots, inputs } = setUp();
    for (const at of [2, 3, 4]) {
      node.snapshotter!.applied(at, 1, 10);
      await node.take();
      const expected = configurations[at < 3 ? 0 : 1];
      expect(decodeConfiguration(snapshots.latest!.configuration)).toEqual(expected);
      expect(inputs.at(-1)).toEqual({ type: 'SnapshotSaved', index: at, term: 1 });
      expect(node.status).toMatchObject({ index: at, term: 1 });
    }
  });

  it('report nothing to a node that has stopped', async () => {
    const source = new MemorySnapshots({ snapshot: null });
    const info = await source.save(positionAt(8), dataOf(10));
    const chunk = source.read()!.chunkAt(0);
    const [taking, receiving, failing] = [setUp(), setUp(), setUp()];
    taking.node.snapshotter!.applied(1, 1, 10);
    const taken = taking.node.take();
    receiving.node.receiver.take(info, chunk, true);
    failing.node.receiver.take({ ...info, checksum: info.checksum ^ 1 }, chunk, true);
    for (const { node } of [taking, receiving, failing]) node.stop();
    await taken;
    await until(() => receiving.snapshots.latest?.index === 8);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([taking, receiving, failing].map(({ inputs }) => inputs)).toEqual([[], [], []]);
  });

  it('are not tried again once the node has stopped', async () => {
    const { node, timers } = setUp({ save: () => Promise.reject(new Error('ENOSPC')) });
    node.snapshotter!.applied(1, 1, 10);
    await expect(node.take()).rejects.toThrow('ENOSPC');
    expect(timers.length).toBe(1);
    node.stop();
    expect(timers.length).toBe(0);
  });

  it('let go of what was being sent when the node stops', async () => {
    let released = 0;
    const { node, snapshots } = setUp();
    const read = snapshots.read.bind(snapshots);
    const release = () => {
      released += 1;
    };
    snapshots.read = () => ({ ...read()!, release });
    await snapshots.save(positionAt(3), dataOf(10));
    expect(node.sender.chunkFor(2, 3, 0)).not.toBeNull();
    node.stop();
    expect(released).toBe(1);
  });
});
