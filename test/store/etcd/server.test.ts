import { once } from 'node:events';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/ports/log.ts';
import { EtcdListenFailed, openEtcd } from '../../../src/store/etcd/server.ts';
import { type EtcdCluster, protos, startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const started = async (...args: Parameters<typeof startEtcdCluster>): Promise<EtcdCluster> => {
  const cluster = await startEtcdCluster(...args);
  closing.push(() => cluster.close());
  return cluster;
};
const clientOf = (endpoint: string): GrpcClient => {
  const client = new GrpcClient(endpoint);
  closing.push(() => client.close());
  return client;
};
const key = Buffer.from('a');
const listening = { listen: { host: '127.0.0.1', port: 0 }, log: silentLog, protos };

describe('the etcd API', () => {
  it('says what the node is doing before it is served', async () => {
    const api = await openEtcd({ ...listening, startingWords: () => 'reading the log: 40 %' });
    closing.push(() => api.close(0));
    const client = clientOf(`127.0.0.1:${api.port}`);
    expect(await client.kv('Range', { key })).toEqual({
      code: status.UNAVAILABLE,
      details: 'raftchart: not ready: reading the log: 40 %',
    });
    expect(await client.ask('grpc.health.v1.Health', 'Check')).toEqual({ status: 'NOT_SERVING' });
  });

  it('refuses a port that is in use, in one line', async () => {
    const api = await openEtcd({ ...listening, startingWords: () => '' });
    closing.push(() => api.close(0));
    const { port } = api;
    await expect(
      openEtcd({ ...listening, listen: { host: '127.0.0.1', port }, startingWords: () => '' }),
    ).rejects.toThrow(
      new EtcdListenFailed(`cannot serve clients of etcd on 127.0.0.1:${port}: the port is in use`),
    );
  });

  it('says of what it does not offer that it is not implemented', async () => {
    const cluster = await started(1);
    const { endpoint } = await cluster.leader();
    const client = clientOf(endpoint);
    expect(await client.call('etcdserverpb.Maintenance', 'Alarm', { action: 'ACTIVATE' })).toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });

  it('takes no message that is larger than any command', async () => {
    const cluster = await started(1);
    const { endpoint } = await cluster.leader();
    const client = clientOf(endpoint);
    const value = Buffer.alloc(3 * 1024 * 1024);
    expect(await client.kv('Put', { key, value })).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await client.kv('Put', { key })).toHaveProperty('answer');
  });

  it('refuses requests beyond its limit, and goes on', async () => {
    const cluster = await started(3, { limits: { maxRequests: 2 } });
    const { endpoint } = await cluster.follower();
    const client = clientOf(endpoint);
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.kv('Put', { key })));
    const refused = answers.filter((answered) => 'code' in answered);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map((each) => ('details' in each ? each.details : '')))).toEqual(
      new Set(['etcdserver: too many requests']),
    );
    expect(await client.kv('Put', { key })).toHaveProperty('answer');
  });

  it('closes a connection beyond its limit', async () => {
    const cluster = await started(1, { limits: { maxConnections: 1 } });
    const { endpoint, api } = await cluster.leader();
    const client = clientOf(endpoint);
    await client.put('a', '1');
    const socket = connect(api.port, '127.0.0.1');
    await once(socket, 'close');
    expect(await client.kv('Put', { key })).toHaveProperty('answer');
  });

  it('closes a connection that says nothing', async () => {
    const cluster = await started(1, { limits: { handshakeTimeoutMs: 50 } });
    const { api } = await cluster.leader();
    const socket = connect(api.port, '127.0.0.1');
    socket.resume();
    await once(socket, 'close');
  });

  it('closes a connection whose bytes are not HTTP/2, and goes on', async () => {
    const cluster = await started(1);
    const { api, endpoint } = await cluster.leader();
    const socket = connect(api.port, '127.0.0.1');
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'close');
    expect(await clientOf(endpoint).kv('Put', { key })).toHaveProperty('answer');
  });

  it('ends streams when it closes', async () => {
    const cluster = await started(1);
    const { endpoint, api } = await cluster.leader();
    const stream = clientOf(endpoint).watch();
    stream.send({ create_request: { key } });
    await stream.next();
    await api.close(1000);
    expect(await stream.ended).toBe('etcdserver: server stopped');
  });

  it('says that there is no leader to whoever wants to know at once', async () => {
    const cluster = await started(3);
    const { endpoint, node } = await cluster.follower();
    const client = clientOf(endpoint);
    client.metadata.set('hasleader', 'true');
    await client.put('a', '1');
    const stream = client.watch();
    stream.send({ create_request: { key } });
    await stream.next();
    cluster.network.cut(
      [node.id],
      [1, 2, 3].filter((id) => id !== node.id),
    );
    expect(await stream.ended).toBe('etcdserver: no leader');
    expect(await client.kv('Put', { key })).toEqual({
      code: status.UNAVAILABLE,
      details: 'etcdserver: no leader',
    });
    expect(await client.ask('grpc.health.v1.Health', 'Check')).toEqual({ status: 'NOT_SERVING' });
    const stale = await client.call('etcdserverpb.Maintenance', 'Status', {});
    expect(stale).toEqual({ code: status.UNAVAILABLE, details: 'etcdserver: no leader' });
  });

  it('moves the leadership when the leader is asked, and no other node', async () => {
    const cluster = await started(3);
    const follower = await cluster.follower();
    const move = (endpoint: string, targetID: number) =>
      clientOf(endpoint).call('etcdserverpb.Maintenance', 'MoveLeader', { targetID });
    expect(await move(follower.endpoint, follower.node.id)).toEqual({
      code: status.FAILED_PRECONDITION,
      details: 'etcdserver: not leader',
    });
    const leader = await cluster.leader();
    expect(await move(leader.endpoint, 99)).toEqual({
      code: status.FAILED_PRECONDITION,
      details: 'etcdserver: bad leader transferee',
    });
    expect(await move(leader.endpoint, follower.node.id)).toHaveProperty('answer');
    expect(follower.node.status().role).toBe('leader');
  });

  it('lists the members with the ports of this API on each of them', async () => {
    const cluster = await started(3);
    const { endpoint } = await cluster.follower();
    const { members } = await clientOf(endpoint).ask('etcdserverpb.Cluster', 'MemberList', {
      linearizable: true,
    });
    expect(members.map(({ ID, name, clientURLs }: never) => [ID, name, clientURLs])).toEqual(
      cluster.nodes.map((each, at) => [`${at + 1}`, `node${at + 1}`, [`http://${each.endpoint}`]]),
    );
  });

  it('has the same hash on every node', async () => {
    const cluster = await started(3);
    const clients = cluster.nodes.map(({ endpoint }) => clientOf(endpoint));
    const revision = (await clients[0]!.put('a', '1')).header.revision;
    const hashes = await Promise.all(
      clients.map(async (client) => {
        await client.ask('etcdserverpb.KV', 'Range', { key });
        return (await client.ask('etcdserverpb.Maintenance', 'HashKV', { revision })).hash;
      }),
    );
    expect(new Set(hashes).size).toBe(1);
    await clients[0]!.put('a', '2');
    expect((await clients[0]!.ask('etcdserverpb.Maintenance', 'Hash')).hash).not.toBe(hashes[0]);
  });

  it('reads as much of the past as of the present', async () => {
    const cluster = await started(1);
    const client = clientOf((await cluster.leader()).endpoint);
    for (const name of ['a1', 'a2', 'a3', 'a4']) await client.put(name, 'x'.repeat(1_000_000));
    const { revision } = (await client.put('b', '')).header;
    await client.put('a1', '');
    const all = { key, range_end: Buffer.from('b') };
    const past = await client.ask('etcdserverpb.KV', 'Range', { ...all, revision });
    expect(past.kvs.map(({ value }: { readonly value: Buffer }) => value.length)).toEqual([
      1_000_000, 1_000_000, 1_000_000, 1_000_000,
    ]);
    expect((await client.ask('etcdserverpb.KV', 'Range', all)).kvs[0].value).toHaveLength(0);
  });

  it('applies a put once that its follower sent on while the leader went away', async () => {
    const cluster = await started(3);
    const leader = await cluster.leader();
    const { endpoint } = await cluster.follower();
    const client = clientOf(endpoint);
    await client.put('a', '0');
    const puts = Array.from({ length: 50 }, (_, at) => client.put('a', `${at}`));
    await leader.node.stop();
    await Promise.all(puts);
    const { kvs } = await client.ask('etcdserverpb.KV', 'Range', { key });
    expect(kvs[0].version).toBe('51');
  });
});
