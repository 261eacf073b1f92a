import { describe, expect, it } from 'vitest';
import { EtcdStore } from '../../../src/store/etcd/etcd-store.ts';
import { maintenanceService } from '../../../src/store/etcd/maintenance-service.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';

/** The store as a node reads it that has no need of others. */
const storeOf = (kv: KvStateMachine, termOf = () => 1): EtcdStore => {
  const node = {
    id: 1,
    position: () => ({ role: 'follower', term: termOf() }),
    stopped: new Promise(() => {}),
  };
  const store = new EtcdStore({ node, kv, clusterId: 'test' } as never);
  store.readable = async () => {};
  return store;
};

type Put = readonly [key: string, value: string, lease?: bigint];

/** Of a store after these puts, one after the other. */
const hashOf = async (puts: readonly Put[]): Promise<number> => {
  const kv = new KvStateMachine();
  kv.store.begin();
  for (const [key, value, lease = 0n] of puts)
    kv.store.transact((transaction) => transaction.put(key, Buffer.from(value), lease));
  const service = maintenanceService(storeOf(kv));
  const { hash } = await service.Hash();
  expect(await service.HashKV({ revision: '0' })).toMatchObject({ hash });
  return hash;
};

const pairs: readonly Put[] = [
  ['a', '1'],
  ['b', '2'],
];

describe('the hash of a store', () => {
  it('is the same for the same pairs', async () => {
    expect(await hashOf(pairs)).toBe(await hashOf(pairs));
  });

  it.each<[string, readonly Put[]]>([
    [
      'values',
      [
        ['a', '1'],
        ['b', '3'],
      ],
    ],
    [
      'keys',
      [
        ['a', '1'],
        ['c', '2'],
      ],
    ],
    [
      'leases',
      [
        ['a', '1'],
        ['b', '2', 7n],
      ],
    ],
    [
      'revisions',
      [
        ['b', '2'],
        ['a', '1'],
      ],
    ],
    [
      'versions',
      [
        ['a', '1'],
        ['b', '2'],
        ['b', '2'],
      ],
    ],
  ])('is another one for other %s', async (_, puts) => {
    expect(await hashOf(puts)).not.toBe(await hashOf(pairs));
  });

  it.each(['Hash', 'HashKV'] as const)(
    'comes with the revision and the term of the moment that it is of, though others write meanwhile (%s)',
    async (method) => {
      const kv = new KvStateMachine();
      kv.store.begin();
      const put = (key: string): void => {
        kv.store.transact((transaction) => transaction.put(key, Buffer.from('x'), 0n));
      };
      // More than are read in one turn of the event loop.
      for (let at = 0; at < 2500; at++) put(`${at}`);
      const { revision } = kv.store;
      let term = 1;
      const service = maintenanceService(storeOf(kv, () => term));
      const alone = await service[method]({ revision: '0' });
      const asking = service[method]({ revision: '0' });
      await new Promise(setImmediate);
      put('meanwhile');
      kv.store.compact(kv.store.revision);
      term = 2;
      expect(await asking).toEqual(alone);
      expect(alone.header).toMatchObject({ revision, raft_term: 1 });
      expect((await service[method]({ revision: '0' })).hash).not.toBe(alone.hash);
    },
  );
});
