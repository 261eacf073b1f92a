import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { neededFor } from '../../../src/store/etcd/permissions.ts';
import { TokenFile } from '../../../src/store/http/access/token-file.ts';
import { newToken } from '../../../src/store/http/access/tokens.ts';
import { type EtcdCluster, startEtcdCluster } from './etcd-cluster.ts';
import { type Answered, GrpcClient } from './grpc-client.ts';

const reader = newToken('read', 'reader');
const writer = newToken('write', 'writer');
describe('the permission of a method of the etcd API', () => {
  it('has no default: one that is not listed cannot be offered', () => {
    expect(neededFor('/etcdserverpb.KV/Range')).toBe('read');
    expect(neededFor('/grpc.health.v1.Health/Check')).toBeNull();
    expect(() => neededFor('/etcdserverpb.KV/Truncate')).toThrow('each method that is offered');
  });
});

const key = Buffer.from('a');

describe('where tokens are needed, the etcd API', () => {
  let folder: string;
  let file: string;
  let tokens: TokenFile;
  let cluster: EtcdCluster;
  const clients: GrpcClient[] = [];

  const clientWith = async (name?: string, value = ''): Promise<GrpcClient> => {
    const { endpoint } = await cluster.leader();
    const client = new GrpcClient(endpoint);
    if (name !== undefined) client.metadata.set(name, value);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-etcd-tokens-'));
    file = join(folder, 'tokens');
    writeFileSync(file, `${reader.line}\n${writer.line}\n`, { mode: 0o600 });
    tokens = new TokenFile(file, systemClock, silentLog);
    cluster = await startEtcdCluster(1, { tokens });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await cluster.close();
    tokens.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses whoever has none, an unknown one, or one for less', async () => {
    const put = async (client: GrpcClient): Promise<Answered> => client.kv('Put', { key });
    expect(await put(await clientWith())).toEqual({
      code: status.INVALID_ARGUMENT,
      details: 'etcdserver: user name is empty',
    });
    expect(await put(await clientWith('token', 'made-up'))).toEqual({
      code: status.UNAUTHENTICATED,
      details: 'etcdserver: invalid auth token',
    });
    expect(await put(await clientWith('token', reader.token))).toEqual({
      code: status.PERMISSION_DENIED,
      details: 'etcdserver: permission denied',
    });
    expect(cluster.nodes[0]!.kv.size).toBe(0);
  });

  it('refuses a compaction, which takes the past from all readers, without a token for admin', async () => {
    const client = await clientWith('token', writer.token);
    expect(await client.kv('Compact', { revision: 1 })).toEqual({
      code: status.PERMISSION_DENIED,
      details: 'etcdserver: permission denied',
    });
  });

  it.each([
    ['token', writer.token],
    ['authorization', writer.token],
    ['authorization', `Bearer ${writer.token}`],
  ])('takes one that is sent as %s', async (name, value) => {
    const client = await clientWith(name, value);
    expect(await client.kv('Put', { key })).toHaveProperty('answer');
  });

  it('gives a token to whoever logs in with it as the password', async () => {
    const client = await clientWith();
    const login = (name: string, password: string) =>
      client.call('etcdserverpb.Auth', 'Authenticate', { name, password });
    expect(await login('anyone', reader.token)).toMatchObject({ answer: { token: reader.token } });
    expect(await login('anyone', 'made-up')).toEqual({
      code: status.INVALID_ARGUMENT,
      details: 'etcdserver: authentication failed, invalid user ID or password',
    });
    expect(await client.ask('etcdserverpb.Auth', 'AuthStatus')).toMatchObject({ enabled: true });
  });

  it('tells its health to anyone', async () => {
    const client = await clientWith();
    expect(await client.ask('grpc.health.v1.Health', 'Check')).toEqual({ status: 'SERVING' });
  });

  it('ends a watch whose token is revoked', async () => {
    const client = await clientWith('token', reader.token);
    const stream = client.watch();
    stream.send({ create_request: { key } });
    expect(await stream.next()).toMatchObject({ created: true });
    writeFileSync(file, `${writer.line}\n`, { mode: 0o600 });
    tokens.reload();
    expect(await stream.ended).toBe('etcdserver: invalid auth token');
  });
});
