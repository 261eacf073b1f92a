import { once } from 'node:events';
import { Etcd3, EtcdLeaseInvalidError } from 'etcd3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EtcdCluster, startEtcdCluster } from './etcd-cluster.ts';

/** The client that most programs in JavaScript use for etcd, unchanged. */
describe.each([
  ['a single node', 1, 'leader'],
  ['the leader of three', 3, 'leader'],
  ['a follower of three', 3, 'follower'],
] as const)('etcd3, the client, with %s', (_, size, role) => {
  let cluster: EtcdCluster;
  let client: Etcd3;

  beforeAll(async () => {
    cluster = await startEtcdCluster(size);
    const { endpoint } = await (role === 'leader' ? cluster.leader() : cluster.follower());
    client = new Etcd3({ hosts: `http://${endpoint}` });
  });
  afterAll(async () => {
    client.close();
    await cluster.close();
  });

  it('puts, reads and deletes keys', async () => {
    await client.put('plain/a').value('1');
    await client.put('plain/b').value(Buffer.from([0, 255]));
    expect(await client.get('plain/a').string()).toBe('1');
    expect(await client.get('plain/b').buffer()).toEqual(Buffer.from([0, 255]));
    expect(await client.getAll().prefix('plain/').keys()).toEqual(['plain/a', 'plain/b']);
    expect(await client.getAll().prefix('plain/').sort('Key', 'Descend').limit(1).strings()).toEqual({
      'plain/b': Buffer.from([0, 255]).toString(),
    });
    const { deleted } = await client.delete().prefix('plain/');
    expect(deleted).toBe('2');
    expect(await client.get('plain/a').string()).toBeNull();
  });

  it('compares and swaps', async () => {
    await client.put('cas').value('1');
    const swap = (from: string, to: string) =>
      client
        .if('cas', 'Value', '==', from)
        .then(client.put('cas').value(to))
        .else(client.get('cas'))
        .commit();
    expect((await swap('1', '2')).succeeded).toBe(true);
    const { succeeded, responses } = await swap('1', '3');
    expect(succeeded).toBe(false);
    expect(responses[0]!.response_range!.kvs[0]!.value.toString()).toBe('2');
  });

  it('watches a prefix', async () => {
    const watcher = await client.watch().prefix('watched/').create();
    const events: string[] = [];
    watcher.on('put', ({ key, value }) => events.push(`put ${key}=${value}`));
    const deleted = once(watcher, 'delete');
    await client.put('watched/a').value('1');
    await client.put('elsewhere').value('1');
    await client.put('watched/b').value('2');
    await client.delete().key('watched/a');
    const [{ key }] = await deleted;
    expect([...events, `delete ${key}`]).toEqual(['put watched/a=1', 'put watched/b=2', 'delete watched/a']);
    await watcher.cancel();
  });

  it('grants a lease, keeps it alive, and revokes it with its keys', async () => {
    const lease = client.lease(5);
    await lease.put('leased').value('here');
    expect(Number((await lease.keepaliveOnce()).TTL)).toBe(5);
    expect(await client.get('leased').string()).toBe('here');
    await lease.revoke();
    expect(await client.get('leased').string()).toBeNull();
    await expect(lease.put('leased').value('again')).rejects.toThrow(EtcdLeaseInvalidError);
  });

  it('takes and gives back a lock', async () => {
    const taken: string[] = [];
    await client.lock('mutex').do(async () => void taken.push('first'));
    await client.lock('mutex').do(async () => void taken.push('second'));
    expect(taken).toEqual(['first', 'second']);
  });

  it('elects a leader', async () => {
    const election = client.election('boss', 5);
    const campaign = election.campaign('me');
    await once(campaign, 'elected');
    expect(await election.leader()).toBe('me');
    await campaign.resign();
  });
});
