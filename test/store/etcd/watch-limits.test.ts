import { EventEmitter } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { EtcdStore } from '../../../src/store/etcd/etcd-store.ts';
import { defaultEtcdLimits } from '../../../src/store/etcd/limits.ts';
import { LoopTurns } from '../../../src/store/etcd/loop-turns.ts';
import { OpenStream } from '../../../src/store/etcd/open-stream.ts';
import { WatchRoom } from '../../../src/store/etcd/watch-room.ts';
import { WatchStream } from '../../../src/store/etcd/watch-stream.ts';
import type { WatchCreateRequest, WatchResponse } from '../../../src/store/etcd/wire-types.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { Watches } from '../../../src/store/kv/watches.ts';
import { startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const clientOf = async (limits: Parameters<typeof startEtcdCluster>[1] & object): Promise<GrpcClient> => {
  const cluster = await startEtcdCluster(1, limits);
  closing.push(() => cluster.close());
  const client = new GrpcClient((await cluster.leader()).endpoint);
  closing.push(() => client.close());
  return client;
};
const key = Buffer.from('a');

describe('watches of the etcd API', () => {
  it('take no room if their keys are refused, as those of too many bytes are', async () => {
    const client = await clientOf({ limits: { maxWatches: 1 } });
    const stream = client.watch();
    stream.send({ create_request: { key: Buffer.alloc(0xffff) } });
    expect(await stream.next()).toMatchObject({
      watch_id: '-1',
      canceled: true,
      cancel_reason: 'etcdserver: request is too large',
    });
    stream.send({ create_request: { key } });
    expect(await stream.next()).toMatchObject({ created: true, canceled: false });
    stream.send({ create_request: { key } });
    expect(await stream.next()).toMatchObject({
      canceled: true,
      cancel_reason: 'this node takes at most 1 watches: ask another one',
    });
  });

  it('are so many on one stream, and leave their room to others when they are canceled', async () => {
    const client = await clientOf({ limits: { maxStreamWatches: 2, maxWatches: 3 } });
    const stream = client.watch();
    for (const watch_id of [7, 8]) {
      stream.send({ create_request: { key, watch_id } });
      expect(await stream.next()).toMatchObject({ created: true, canceled: false });
    }
    stream.send({ create_request: { key } });
    expect(await stream.next()).toMatchObject({
      watch_id: '-1',
      canceled: true,
      cancel_reason: 'a stream has at most 2 watches: open another one',
    });
    const other = client.watch();
    other.send({ create_request: { key } });
    expect(await other.next()).toMatchObject({ created: true, canceled: false });
    // What was refused for its stream has taken none of the room of all, which is full now.
    other.send({ create_request: { key } });
    expect(await other.next()).toMatchObject({
      canceled: true,
      cancel_reason: 'this node takes at most 3 watches: ask another one',
    });
    stream.send({ cancel_request: { watch_id: 7 } });
    expect(await stream.next()).toMatchObject({ watch_id: '7', canceled: true });
    stream.send({ create_request: { key } });
    expect(await stream.next()).toMatchObject({ created: true, canceled: false });
  });
});

/** A clock that is moved by hand. */
const manual = () => {
  let now = 0;
  let timers: { readonly at: number; readonly fn: () => void }[] = [];
  const deferred: (() => void)[] = [];
  return {
    now: () => now,
    setTimeout: (fn: () => void, delayMs: number) => {
      const timer = { at: now + delayMs, fn };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (timer: unknown) => {
      timers = timers.filter((each) => each !== timer);
    },
    defer: (fn: () => void) => void deferred.push(fn),
    timers: () => timers.length,
    pass: (ms: number) => {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { fn } of due) fn();
    },
    turn: () => {
      for (const fn of deferred.splice(0)) fn();
    },
  };
};

/** Lets all promises that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A stream whose client reads when it is told to. */
class Call extends EventEmitter {
  readonly written: WatchResponse[] = [];
  readonly destroyed = false;
  readonly cancelled = false;
  isFull = false;

  write(response: WatchResponse): boolean {
    this.written.push(response);
    return !this.isFull;
  }
}

const opened = () => {
  const clock = manual();
  const kv = new KvStateMachine();
  kv.store.begin();
  const position = () => ({ term: 1 });
  const node = { id: 1, position, stopped: new Promise(() => {}) } as never;
  const store = new EtcdStore({
    node,
    kv,
    clock,
    submitter: null as never,
    clusterId: 'test',
    wallClock: () => 0,
  });
  const watches = new Watches(kv.store, clock);
  const room = new WatchRoom(watches, defaultEtcdLimits, clock);
  const call = new Call();
  const stream = new OpenStream(call as unknown as ServerDuplexStream<never, WatchResponse>);
  const create = (from: WatchStream, more: Partial<WatchCreateRequest> = {}) =>
    from.take({
      create_request: {
        key,
        range_end: Buffer.alloc(0),
        start_revision: '0',
        progress_notify: false,
        filters: [],
        prev_kv: false,
        watch_id: '0',
        fragment: false,
        ...more,
      },
    } as never);
  const put = (): void => {
    kv.store.transact((transaction) => transaction.put('a', new Uint8Array(), 0n));
    watches.changed();
  };
  return { clock, store, room, call, stream, create, put };
};

describe('a stream of watches', () => {
  it('leaves no timer if its client has left before it began', () => {
    const { clock, store, room, stream } = opened();
    stream.close();
    new WatchStream(store, stream, room);
    expect(clock.timers()).toBe(0);
  });

  it('leaves no timer once its client leaves', () => {
    const { clock, store, room, stream } = opened();
    new WatchStream(store, stream, room);
    expect(clock.timers()).toBe(1);
    stream.close();
    expect(clock.timers()).toBe(0);
  });

  it('tells no progress to a client that does not read, and then once', async () => {
    const { clock, store, room, call, stream, create, put } = opened();
    const watches = new WatchStream(store, stream, room);
    await create(watches, { key: Buffer.from('z'), progress_notify: true });
    await create(watches);
    await settled();
    call.isFull = true;
    put();
    clock.turn();
    await settled();
    const { length } = call.written;
    for (let tick = 0; tick < 5; tick++) clock.pass(10 * 60 * 1000);
    await settled();
    expect(call.written).toHaveLength(length);
    call.isFull = false;
    for (let round = 0; round < 5; round++) {
      call.emit('drain');
      clock.turn();
      await settled();
    }
    const told = call.written.slice(length).filter(({ events }) => events === undefined);
    expect(told.map(({ watch_id }) => watch_id).sort()).toEqual(['0']);
  });

  it('tells no progress of a watch that has events to tell', async () => {
    const { clock, store, room, call, stream, create, put } = opened();
    const watches = new WatchStream(store, stream, room);
    await create(watches, { progress_notify: true });
    await settled();
    call.isFull = true;
    put();
    clock.turn();
    await settled();
    // The first message waits for the client; there is another one to tell.
    put();
    for (let tick = 0; tick < 3; tick++) clock.pass(10 * 60 * 1000);
    call.isFull = false;
    for (let round = 0; round < 5; round++) {
      call.emit('drain');
      clock.turn();
      await settled();
    }
    expect(call.written.map(({ events }) => events?.length)).toEqual([undefined, 1, 1]);
  });

  it('lets the event loop go on while it tells many watches', async () => {
    const { clock, store, room, call, stream, create, put } = opened();
    const watches = new WatchStream(store, stream, room);
    for (let made = 0; made < 10; made++) await create(watches);
    await settled();
    clock.turn();
    const { length } = call.written;
    // Each message takes 4 ms.
    const write = call.write.bind(call);
    call.write = (response) => {
      clock.pass(4);
      return write(response);
    };
    put();
    clock.turn();
    await settled();
    expect(call.written.length - length).toBe(3);
    for (let turn = 0; turn < 10; turn++) {
      clock.turn();
      await settled();
    }
    expect(call.written.length - length).toBe(10);
  });
});

describe('turns of the event loop', () => {
  it('end after 10 ms for all who share them, and begin anew', async () => {
    const clock = manual();
    const turns = new LoopTurns(clock);
    expect(turns.pause()).toBeNull();
    clock.pass(9);
    expect(turns.pause()).toBeNull();
    clock.pass(1);
    const pauses = [turns.pause(), turns.pause()];
    clock.turn();
    await Promise.all(pauses);
    expect(turns.pause()).toBeNull();
  });
});
