import { describe, expect, it } from 'vitest';
import { EtcdStore } from '../../../src/store/etcd/etcd-store.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

/** A store of parts that have what is asked of them here. */
const storeOf = (parts: object): EtcdStore =>
  new EtcdStore({ ...parts, clusterId: 'test', wallClock: () => 0 } as never);

/** A store whose commands take 3 s each, and are not applied on this node; reads take 2 s. */
const slowStore = (outcomeOfRead: 'ready' | 'noLeader') => {
  const clock = new VirtualClock();
  const kv = new KvStateMachine();
  const timeouts: number[] = [];
  const readsAtMs: number[] = [];
  const submitter = {
    submit: async (_: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }) => {
      timeouts.push(timeoutMs);
      clock.advance(3000);
      kv.store.begin();
      const result = { type: 'requested', result: { type: 'done', done: {}, revision: 2 } };
      return { type: 'applied', index: timeouts.length, term: 1, result };
    },
  };
  const node = {
    id: 1,
    status: () => ({ peers: [] }),
    position: () => ({ role: 'follower', term: 1, lastApplied: 1 }),
    stopped: new Promise(() => {}),
    read: (tell: (outcome: { readonly type: string }) => void) => {
      readsAtMs.push(clock.now());
      clock.advance(2000);
      tell({ type: outcomeOfRead });
    },
  };
  const store = storeOf({ node, kv, clock, submitter });
  return { store, timeouts, readsAtMs };
};

const put = { type: 'put', key: 'a', value: new Uint8Array(), lease: 0n } as const;
const flags = { returnsPrevious: false, keepsValue: false, keepsLease: false } as const;

describe('a request of the etcd API has one deadline', () => {
  it('for revisions that begin, its own command, and that it is applied here', async () => {
    const { store, timeouts, readsAtMs } = slowStore('noLeader');
    await store.submit({ ...put, ...flags });
    expect(timeouts).toEqual([7000, 4000]);
    expect(readsAtMs).toEqual([6000]);
  });

  it('for a read that is confirmed, and revisions that begin', async () => {
    const { store, timeouts } = slowStore('ready');
    await store.readable();
    expect(timeouts).toEqual([5000]);
  });
});

describe('a command at the node that leads', () => {
  /** `outcome` null: it never comes. */
  const leading = (outcome: { readonly type: string; readonly [field: string]: unknown } | null) => {
    const asked: string[] = [];
    const clock = new VirtualClock();
    const kv = new KvStateMachine();
    kv.store.begin();
    const applied = { type: 'requested', result: { type: 'done', done: {}, revision: 2 } };
    const node = {
      id: 1,
      position: () => ({ role: 'leader', term: 1, leader: 1, lastApplied: 7 }),
      stopped: new Promise(() => {}),
      propose: async () => {
        asked.push('log');
        if (outcome === null) return new Promise(() => {});
        return outcome.type === 'applied'
          ? { ...outcome, result: { type: 'applied', result: applied } }
          : outcome;
      },
    };
    const submitter = {
      submit: async () => {
        asked.push('submitter');
        return { type: 'applied', index: 3, term: 1, result: applied };
      },
    };
    const store = storeOf({ node, kv, clock, submitter });
    return { done: store.submit({ ...put, ...flags }), asked, clock };
  };

  it('goes into the log as it is', async () => {
    const { done, asked } = leading({ type: 'applied', index: 3, term: 1 });
    await expect(done).resolves.toEqual({ done: {}, revision: 2 });
    expect(asked).toEqual(['log']);
  });

  it.each(['notLeader', 'overwritten'])(
    'is asked of the leader that there is then, if it is certain that nothing happened (%s)',
    async (type) => {
      const { done, asked } = leading({ type, leader: null, index: 3, term: 1 });
      await expect(done).resolves.toEqual({ done: {}, revision: 2 });
      expect(asked).toEqual(['log', 'submitter']);
    },
  );

  it.each([
    ['unknownOutcome', 'etcdserver: request timed out'],
    ['overloaded', 'etcdserver: too many requests'],
  ])('is not asked again, as it may have been done or too much is under way (%s)', async (type, words) => {
    const { done, asked } = leading({ type, index: 3, term: 1 });
    await expect(done).rejects.toThrow(words);
    expect(asked).toEqual(['log']);
  });

  it('is not waited for beyond its deadline, and not asked again then', async () => {
    const { done, asked, clock } = leading(null);
    const told: unknown[] = [];
    const telling = done.catch((error: Error) => told.push(error.message));
    await new Promise(setImmediate);
    clock.advance(6999);
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    clock.advance(1);
    await telling;
    expect(told).toEqual(['etcdserver: request timed out']);
    expect(asked).toEqual(['log']);
  });
});

describe('revisions that begin are waited for by many', () => {
  /** A store whose commands time out, and are noted with when they did, until `isReached`. */
  const unreached = () => {
    const clock = new VirtualClock();
    const kv = new KvStateMachine();
    const submittedAtMs: number[] = [];
    let isReached = false;
    const waiting: (() => void)[] = [];
    const submitter = {
      submit: (_: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }) =>
        new Promise((resolve) => {
          submittedAtMs.push(clock.now());
          const result = { type: 'requested', result: { type: 'done', done: {}, revision: 1 } };
          const apply = () => {
            kv.store.begin();
            resolve({ type: 'applied', index: 1, term: 1, result });
          };
          if (isReached) apply();
          else waiting.push(apply);
          clock.setTimeout(() => resolve({ type: 'timedOut' }), timeoutMs);
        }),
    };
    const node = {
      id: 1,
      status: () => ({ peers: [] }),
      position: () => ({ role: 'follower', term: 1, lastApplied: 1 }),
      stopped: new Promise(() => {}),
    };
    const store = storeOf({ node, kv, clock, submitter });
    const told: string[] = [];
    const begin = (name: string, deadlineMs: number) =>
      void store.begin(deadlineMs).then(
        () => told.push(`${name} at ${clock.now()}`),
        ({ message }: Error) => told.push(`${name} at ${clock.now()}: ${message}`),
      );
    const settled = async () => {
      for (let turn = 0; turn < 20; turn++) await null;
    };
    /** One millisecond after the other, so that each timer finds what those before it have led to. */
    const pass = async (ms: number) => {
      for (let at = 0; at < ms; at++) {
        clock.advance(1);
        await settled();
      }
    };
    const reach = async () => {
      isReached = true;
      for (const apply of waiting.splice(0)) apply();
      await settled();
    };
    return { begin, pass, reach, told, submittedAtMs };
  };

  it('with one command, and each is told as soon as they have', async () => {
    const { begin, pass, reach, told, submittedAtMs } = unreached();
    begin('a', 100);
    begin('b', 200);
    await pass(30);
    await reach();
    expect(told).toEqual(['a at 30', 'b at 30']);
    expect(submittedAtMs).toEqual([0]);
  });

  it('each until its own deadline: one that has more time than the first goes on', async () => {
    const { begin, pass, reach, told, submittedAtMs } = unreached();
    begin('impatient', 100);
    begin('patient', 300);
    await pass(150);
    expect(told).toEqual(['impatient at 100: etcdserver: request timed out']);
    expect(submittedAtMs).toEqual([0, 100]);
    await reach();
    expect(told.slice(1)).toEqual(['patient at 150']);
  });

  it('each until its own deadline: one that has less time than the first is told so', async () => {
    const { begin, pass, told, submittedAtMs } = unreached();
    begin('patient', 300);
    begin('impatient', 100);
    await pass(301);
    expect(told).toEqual([
      'impatient at 100: etcdserver: request timed out',
      'patient at 300: etcdserver: request timed out',
    ]);
    expect(submittedAtMs).toEqual([0]);
  });
});
