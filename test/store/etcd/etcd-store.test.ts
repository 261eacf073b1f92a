import { expect, it } from 'vitest';
import { EtcdStore } from '../../../src/store/etcd/etcd-store.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

it('a request of the etcd API has one deadline for all that it waits for: revisions that begin, its own command, and that it is applied here', async () => {
  const clock = new VirtualClock();
  const kv = new KvStateMachine();
  const timeouts: number[] = [];
  const reads: number[] = [];
  const takes = (ms: number): Promise<void> => {
    clock.advance(ms);
    return Promise.resolve();
  };
  const submitter = {
    submit: async (_: Uint8Array, { timeoutMs }: { readonly timeoutMs: number }) => {
      timeouts.push(timeoutMs);
      await takes(3000);
      kv.store.begin();
      const result = { type: 'requested', result: { type: 'done', done: {}, revision: 2 } };
      return { type: 'applied', index: 9, term: 1, result };
    },
  };
  const node = {
    id: 1,
    status: () => ({ term: 1, lastApplied: timeouts.length === 1 ? 9 : 8, peers: [] }),
    stopped: new Promise(() => {}),
    read: (tell: (outcome: { readonly type: 'noLeader' }) => void) => {
      reads.push(clock.now());
      clock.advance(2000);
      tell({ type: 'noLeader' });
    },
  };
  const store = new EtcdStore({
    node,
    kv,
    clock,
    submitter,
    clusterId: 'test',
    wallClock: () => 0,
  } as never);
  const begun = clock.now();
  const put = { type: 'put', key: 'a', value: new Uint8Array(), lease: 0n } as const;
  const flags = { returnsPrevious: false, keepsValue: false, keepsLease: false } as const;
  await store.submit({ ...put, ...flags });
  expect(timeouts).toEqual([7000, 4000]);
  expect(reads.map((at) => at - begun)).toEqual([6000]);
});
