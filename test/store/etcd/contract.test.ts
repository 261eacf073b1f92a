import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEtcdCluster } from './etcd-cluster.ts';
import { type Answered, GrpcClient } from './grpc-client.ts';
import { isInstalled, startRealEtcd } from './real-etcd.ts';

/** Of a server. */
interface Target {
  readonly endpoint: string;
  close(): Promise<void>;
}

const ours = (size: number, role: 'leader' | 'follower') => async (): Promise<Target> => {
  const cluster = await startEtcdCluster(size);
  const { endpoint } = await cluster[role]();
  return { endpoint, close: () => cluster.close() };
};

const targets: readonly (readonly [string, () => Promise<Target>])[] = [
  ['a single node', ours(1, 'leader')],
  ['a follower of three', ours(3, 'follower')],
  ...(isInstalled('etcd') ? [['etcd itself', startRealEtcd] as const] : []),
];

const key = (text: string): Buffer => Buffer.from(text);
const failure = (code: number, details: string): Answered => ({ code, details });

/** What clients may rely on, with etcd itself as well as here. */
describe.each(targets)('the API with %s', (_, start) => {
  let target: Target;
  let client: GrpcClient;
  /** Each test has keys of its own. */
  let tests = 0;
  let at: (name: string) => Buffer;

  beforeAll(async () => {
    target = await start();
    client = new GrpcClient(target.endpoint);
    for (;;) {
      const answered = await client.kv('Put', { key: key('ready') });
      if ('answer' in answered) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  afterAll(async () => {
    client.close();
    await target.close();
  });
  const fresh = (): string => {
    const prefix = `t${++tests}/`;
    at = (name) => key(`${prefix}${name}`);
    return prefix;
  };
  const put = async (name: string, value = '', more: object = {}) =>
    client.ask('etcdserverpb.KV', 'Put', { key: at(name), value: key(value), ...more });
  const revisionNow = async (): Promise<number> =>
    Number((await client.ask('etcdserverpb.KV', 'Range', { key: key('ready') })).header.revision);

  describe('KV', () => {
    it('counts revisions and versions of a key', async () => {
      fresh();
      const first = Number((await put('a', '1')).header.revision);
      const second = await put('a', '2', { prev_kv: true });
      expect(Number(second.header.revision)).toBe(first + 1);
      expect(second.prev_kv).toMatchObject({ version: '1', mod_revision: `${first}`, value: key('1') });
      const { kvs, count, more } = await client.ask('etcdserverpb.KV', 'Range', { key: at('a') });
      expect({ count, more }).toEqual({ count: '1', more: false });
      expect(kvs).toEqual([
        {
          key: at('a'),
          value: key('2'),
          create_revision: `${first}`,
          mod_revision: `${first + 1}`,
          version: '2',
          lease: '0',
        },
      ]);
    });

    it('limits, sorts and counts a range', async () => {
      const prefix = fresh();
      for (const name of ['b', 'a', 'c']) await put(name, `value of ${name}`);
      const range = async (more: object) =>
        client.ask('etcdserverpb.KV', 'Range', {
          key: key(prefix),
          range_end: key(prefix.replace('/', '0')),
          ...more,
        });
      const names = (answer: { kvs: { key: Buffer }[] }) =>
        answer.kvs.map((kv) => kv.key.toString().at(-1)).join('');
      expect(names(await range({}))).toBe('abc');
      expect(names(await range({ sort_order: 'DESCEND' }))).toBe('cba');
      expect(names(await range({ sort_target: 'CREATE' }))).toBe('bac');
      const limited = await range({ limit: 2 });
      expect([names(limited), limited.more, limited.count]).toEqual(['ab', true, '3']);
      const counted = await range({ count_only: true });
      expect([counted.kvs, counted.count]).toEqual([[], '3']);
      const keys = await range({ keys_only: true, limit: 1 });
      expect(keys.kvs[0].value).toEqual(key(''));
      expect(names(await client.ask('etcdserverpb.KV', 'Range', { key: at('b'), range_end: at('a') }))).toBe(
        '',
      );
    });

    it('reads an earlier revision, unless it is compacted or still to come', async () => {
      fresh();
      const { header } = await put('a', '1');
      await put('a', '2');
      const revision = Number(header.revision);
      const read = (from: number) => client.kv('Range', { key: at('a'), revision: from });
      const { answer } = (await read(revision)) as { answer: { kvs: { value: Buffer }[] } };
      expect(answer.kvs[0]!.value.toString()).toBe('1');
      expect(await read(revision + 1000)).toEqual(
        failure(status.OUT_OF_RANGE, 'etcdserver: mvcc: required revision is a future revision'),
      );
      await client.ask('etcdserverpb.KV', 'Compact', { revision: revision + 1 });
      const compacted = failure(
        status.OUT_OF_RANGE,
        'etcdserver: mvcc: required revision has been compacted',
      );
      expect(await read(revision)).toEqual(compacted);
      expect(await client.kv('Compact', { revision })).toEqual(compacted);
      expect(await client.kv('Compact', { revision: revision + 1000 })).toEqual(
        failure(status.OUT_OF_RANGE, 'etcdserver: mvcc: required revision is a future revision'),
      );
    });

    it('deletes a range and tells what was there', async () => {
      const prefix = fresh();
      await put('a', '1');
      await put('b', '2');
      const request = { key: key(prefix), range_end: key(prefix.replace('/', '0')), prev_kv: true };
      const { deleted, prev_kvs } = await client.ask('etcdserverpb.KV', 'DeleteRange', request);
      expect(deleted).toBe('2');
      expect(prev_kvs.map((kv: { value: Buffer }) => kv.value.toString())).toEqual(['1', '2']);
      const before = await revisionNow();
      expect((await client.ask('etcdserverpb.KV', 'DeleteRange', request)).deleted).toBe('0');
      expect(await revisionNow()).toBe(before);
    });

    it.each([
      ['Range', { key: key('') }, status.INVALID_ARGUMENT, 'etcdserver: key is not provided'],
      ['Put', { key: key('') }, status.INVALID_ARGUMENT, 'etcdserver: key is not provided'],
      ['DeleteRange', { key: key('') }, status.INVALID_ARGUMENT, 'etcdserver: key is not provided'],
      [
        'Put',
        { key: key('x'), value: key('y'), ignore_value: true },
        status.INVALID_ARGUMENT,
        'etcdserver: value is provided',
      ],
      [
        'Put',
        { key: key('x'), lease: 7, ignore_lease: true },
        status.INVALID_ARGUMENT,
        'etcdserver: lease is provided',
      ],
      ['Put', { key: key('x'), lease: 7 }, status.NOT_FOUND, 'etcdserver: requested lease not found'],
      [
        'Put',
        { key: key('nowhere'), ignore_value: true },
        status.INVALID_ARGUMENT,
        'etcdserver: key not found',
      ],
      [
        'Put',
        { key: key('x'), value: Buffer.alloc(1.6 * 1024 * 1024) },
        status.INVALID_ARGUMENT,
        'etcdserver: request is too large',
      ],
      ['Txn', { compare: [{ key: key('') }] }, status.INVALID_ARGUMENT, 'etcdserver: key is not provided'],
      [
        'Txn',
        { success: [{ request_put: { key: key('x') } }, { request_put: { key: key('x') } }] },
        status.INVALID_ARGUMENT,
        'etcdserver: duplicate key given in txn request',
      ],
      [
        'Txn',
        { success: Array.from({ length: 129 }, (__, each) => ({ request_put: { key: key(`k${each}`) } })) },
        status.INVALID_ARGUMENT,
        'etcdserver: too many operations in txn request',
      ],
    ])('refuses a %s with %o', async (method, request, code, details) => {
      expect(await client.kv(method, request)).toEqual(failure(code, details));
    });
  });

  describe('a transaction', () => {
    it.each([
      ['a version of an absent key that is 0', { target: 'VERSION', version: 0 }, true],
      ['a version above −1', { target: 'VERSION', result: 'GREATER', version: -1 }, true],
      ['a version of −1', { target: 'VERSION', version: -1 }, false],
      ['a creation after 0', { target: 'CREATE', result: 'GREATER', create_revision: 0 }, false],
      ['no value', { target: 'VALUE', value: key('') }, false],
      ['another value', { target: 'VALUE', result: 'NOT_EQUAL', value: key('x') }, false],
      ['no lease', { target: 'LEASE', lease: 0 }, true],
    ])('compares an absent key with %s', async (__, compare, succeeded) => {
      fresh();
      const answer = await client.ask('etcdserverpb.KV', 'Txn', {
        compare: [{ key: at('absent'), ...compare }],
      });
      expect(answer.succeeded).toBe(succeeded);
    });

    it('does one branch at one revision, each operation seeing those before it', async () => {
      fresh();
      await put('a', '1');
      const before = await revisionNow();
      const { header, succeeded, responses } = await client.ask('etcdserverpb.KV', 'Txn', {
        compare: [{ key: at('a'), target: 'VALUE', value: key('1') }],
        success: [
          { request_put: { key: at('a'), value: key('2'), prev_kv: true } },
          { request_range: { key: at('a') } },
          { request_put: { key: at('b') } },
          { request_delete_range: { key: at('c') } },
          { request_txn: { failure: [{ request_put: { key: at('d') } }] } },
        ],
        failure: [{ request_put: { key: at('a') } }],
      });
      expect(succeeded).toBe(true);
      expect(Number(header.revision)).toBe(before + 1);
      expect(responses[0].response_put.prev_kv.value.toString()).toBe('1');
      expect(responses[1].response_range.kvs[0].value.toString()).toBe('2');
      expect(responses[3].response_delete_range.deleted).toBe('0');
      expect(responses[4].response_txn).toMatchObject({ succeeded: true, responses: [] });
    });

    it('that only reads has no revision of its own', async () => {
      fresh();
      await put('a', '1');
      const before = await revisionNow();
      const answer = await client.ask('etcdserverpb.KV', 'Txn', {
        success: [{ request_range: { key: at('a') } }],
      });
      expect(Number(answer.header.revision)).toBe(before);
      expect(answer.responses[0].response_range.count).toBe('1');
    });

    it('that puts a key in both branches of another one is taken', async () => {
      fresh();
      const operation = [{ request_put: { key: at('a') } }];
      const answered = await client.kv('Txn', {
        success: [{ request_txn: { success: operation, failure: operation } }],
      });
      expect(answered).toHaveProperty('answer');
    });

    it('that puts a key and deletes a range with it is refused', async () => {
      fresh();
      const range = { key: at('a'), range_end: at('z') };
      const success = [{ request_delete_range: range }, { request_put: { key: at('b') } }];
      expect(await client.kv('Txn', { success })).toEqual(
        failure(status.INVALID_ARGUMENT, 'etcdserver: duplicate key given in txn request'),
      );
    });
  });

  describe('a lease', () => {
    const ask = (method: string, request: object) => client.ask('etcdserverpb.Lease', method, request);

    it('that is revoked deletes its keys at one revision', async () => {
      fresh();
      const { ID, TTL } = await ask('LeaseGrant', { TTL: 60 });
      expect([BigInt(ID) > 0n, TTL]).toEqual([true, '60']);
      await put('a', '1', { lease: ID });
      await put('b', '2', { lease: ID });
      const told = await ask('LeaseTimeToLive', { ID, keys: true });
      expect({ grantedTTL: told.grantedTTL, keys: told.keys.toSorted(Buffer.compare) }).toEqual({
        grantedTTL: '60',
        keys: [at('a'), at('b')],
      });
      expect(Number(told.TTL)).toBeGreaterThan(50);
      expect((await ask('LeaseLeases', {})).leases).toContainEqual({ ID });
      const before = await revisionNow();
      await ask('LeaseRevoke', { ID });
      expect(await revisionNow()).toBe(before + 1);
      expect((await client.ask('etcdserverpb.KV', 'Range', { key: at('a') })).count).toBe('0');
      expect(await ask('LeaseTimeToLive', { ID })).toMatchObject({ ID, TTL: '-1', grantedTTL: '0' });
    });

    it('is granted under the id that is asked for, once', async () => {
      const call = () => client.call('etcdserverpb.Lease', 'LeaseGrant', { ID: 4711, TTL: 60 });
      expect(await call()).toMatchObject({ answer: { ID: '4711' } });
      expect(await call()).toEqual(failure(status.FAILED_PRECONDITION, 'etcdserver: lease already exists'));
    });

    it('that does not exist cannot be revoked', async () => {
      expect(await client.call('etcdserverpb.Lease', 'LeaseRevoke', { ID: 815 })).toEqual(
        failure(status.NOT_FOUND, 'etcdserver: requested lease not found'),
      );
    });

    it('of too many seconds is refused', async () => {
      expect(await client.call('etcdserverpb.Lease', 'LeaseGrant', { TTL: '9000000001' })).toEqual(
        failure(status.OUT_OF_RANGE, 'etcdserver: too large lease TTL'),
      );
    });

    it('is kept alive, and one that does not exist has 0 seconds', async () => {
      const { ID } = await ask('LeaseGrant', { TTL: 60 });
      const stream = client.stream('etcdserverpb.Lease', 'LeaseKeepAlive');
      stream.send({ ID });
      expect(await stream.next()).toMatchObject({ ID, TTL: '60' });
      stream.send({ ID: 816 });
      expect(await stream.next()).toMatchObject({ ID: '816', TTL: '0' });
      stream.cancel();
    });
  });

  describe('a watch', () => {
    it('tells each change from a revision on, with what was there before', async () => {
      fresh();
      const { header } = await put('a', '1');
      await put('a', '2');
      await client.ask('etcdserverpb.KV', 'DeleteRange', { key: at('a') });
      const stream = client.watch();
      stream.send({ create_request: { key: at('a'), start_revision: header.revision, prev_kv: true } });
      expect(await stream.next()).toMatchObject({ created: true, watch_id: '0', events: [] });
      const events: {
        type: string;
        kv: { mod_revision: string; value: Buffer };
        prev_kv: { value: Buffer } | null;
      }[] = [];
      while (events.length < 3) events.push(...(await stream.next()).events);
      const from = Number(header.revision);
      expect(
        events.map(({ type, kv, prev_kv }) => [
          type,
          Number(kv.mod_revision) - from,
          `${kv.value}`,
          prev_kv?.value.toString(),
        ]),
      ).toEqual([
        ['PUT', 0, '1', undefined],
        ['PUT', 1, '2', '1'],
        ['DELETE', 2, '', '2'],
      ]);
      stream.cancel();
    });

    it('tells nothing that its filters leave out', async () => {
      fresh();
      const stream = client.watch();
      stream.send({ create_request: { key: at('a'), filters: ['NOPUT'] } });
      await stream.next();
      await put('a', '1');
      await client.ask('etcdserverpb.KV', 'DeleteRange', { key: at('a') });
      const { events } = await stream.next();
      expect(events.map(({ type }: { type: string }) => type)).toEqual(['DELETE']);
      stream.cancel();
    });

    it('shares a stream with others, each under its id', async () => {
      fresh();
      const stream = client.watch();
      stream.send({ create_request: { key: at('a'), watch_id: 7 } });
      expect(await stream.next()).toMatchObject({ created: true, watch_id: '7' });
      stream.send({ create_request: { key: at('b') } });
      const { watch_id: other } = await stream.next();
      await put('b', '1');
      expect(await stream.next()).toMatchObject({ watch_id: other, events: [{ type: 'PUT' }] });
      await put('a', '1');
      expect(await stream.next()).toMatchObject({ watch_id: '7', events: [{ type: 'PUT' }] });
      for (const range_end of [at('b'), at('a')]) {
        stream.send({ create_request: { key: at('b'), range_end } });
        expect(await stream.next()).toMatchObject({
          created: true,
          canceled: true,
          watch_id: '-1',
          cancel_reason: expect.stringContaining('mvcc: watcher range is empty'),
        });
      }
      stream.send({ create_request: { key: at('c'), watch_id: 7 } });
      expect(await stream.next()).toMatchObject({
        canceled: true,
        watch_id: '-1',
        cancel_reason: expect.stringContaining('duplicate watch ID'),
      });
      stream.send({ cancel_request: { watch_id: 7 } });
      expect(await stream.next()).toMatchObject({ canceled: true, watch_id: '7' });
      await put('a', '2');
      await put('b', '2');
      expect(await stream.next()).toMatchObject({ watch_id: other });
      stream.cancel();
    });

    it('from a compacted revision is canceled with the oldest that is kept', async () => {
      fresh();
      const { header } = await put('a', '1');
      await put('a', '2');
      const { header: last } = await put('a', '3');
      await client.ask('etcdserverpb.KV', 'Compact', { revision: last.revision });
      const stream = client.watch();
      stream.send({ create_request: { key: at('a'), start_revision: header.revision } });
      expect(await stream.next()).toMatchObject({ created: true });
      expect(await stream.next()).toMatchObject({ canceled: true, compact_revision: last.revision });
      stream.cancel();
    });

    it('from a revision to come tells nothing before it', async () => {
      fresh();
      const from = (await revisionNow()) + 2;
      const stream = client.watch();
      stream.send({ create_request: { key: at('a'), start_revision: from } });
      await stream.next();
      await put('a', '1');
      await put('a', '2');
      const { events } = await stream.next();
      expect(events.map(({ kv }: { kv: { value: Buffer } }) => `${kv.value}`)).toEqual(['2']);
      stream.cancel();
    });

    it('that is asked for its progress tells the revision', async () => {
      fresh();
      const { header } = await put('a', '1');
      const stream = client.watch();
      stream.send({ create_request: { key: at('a') } });
      await stream.next();
      stream.send({ progress_request: {} });
      expect(await stream.next()).toMatchObject({
        watch_id: '-1',
        events: [],
        header: { revision: header.revision },
      });
      stream.cancel();
    });
  });

  describe('the rest', () => {
    it('says that it serves, as gRPC asks for it', async () => {
      expect(await client.ask('grpc.health.v1.Health', 'Check', {})).toMatchObject({ status: 'SERVING' });
    });

    it('lists members and tells the status', async () => {
      const { members } = await client.ask('etcdserverpb.Cluster', 'MemberList');
      const told = await client.ask('etcdserverpb.Maintenance', 'Status');
      expect(members.map(({ ID }: { ID: string }) => ID)).toContain(told.leader);
      expect(members[0].clientURLs).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
      expect(Number(told.raftIndex)).toBeGreaterThan(0);
    });

    it('has no alarms, and defragments at once', async () => {
      expect((await client.ask('etcdserverpb.Maintenance', 'Alarm')).alarms).toEqual([]);
      expect(await client.ask('etcdserverpb.Maintenance', 'Defragment')).toHaveProperty('header');
    });

    it('has the same hash twice', async () => {
      const ask = async () => (await client.ask('etcdserverpb.Maintenance', 'HashKV')).hash;
      expect(await ask()).toBe(await ask());
    });

    it('does not move the leadership to a node that is none', async () => {
      const { code } = (await client.call('etcdserverpb.Maintenance', 'MoveLeader', { targetID: 99 })) as {
        code: number;
      };
      expect(code).toBe(status.FAILED_PRECONDITION);
    });

    it('asks nobody who they are', async () => {
      expect(await client.call('etcdserverpb.Auth', 'Authenticate', { name: 'me', password: 'x' })).toEqual(
        failure(status.FAILED_PRECONDITION, 'etcdserver: authentication is not enabled'),
      );
    });
  });
});
