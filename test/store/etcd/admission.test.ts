import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { EtcdLimits } from '../../../src/store/etcd/limits.ts';
import { loadServices } from '../../../src/store/etcd/load-services.ts';
import { TokenFile } from '../../../src/store/http/access/token-file.ts';
import { newToken } from '../../../src/store/http/access/tokens.ts';
import { protos, startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const started = async (limits: Partial<EtcdLimits>, tokens: TokenFile | null = null) => {
  const cluster = await startEtcdCluster(1, { limits, tokens });
  closing.push(() => cluster.close());
  const { endpoint } = await cluster.leader();
  const client = new GrpcClient(endpoint);
  closing.push(() => client.close());
  /** A call that has sent its head, and nothing more. */
  const begin = (path: string): ClientHttp2Stream => {
    const session = connect(`http://${endpoint}`);
    session.on('error', () => {});
    closing.push(() => session.destroy());
    const head = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(head, { endStream: false });
    stream.on('error', () => {});
    return stream;
  };
  return { client, begin };
};
/** The head of the answer. */
const headOf = async (stream: ClientHttp2Stream) => (await once(stream, 'response'))[0];
const services = loadServices(protos);
const all = { key: Buffer.from('a'), range_end: Buffer.from('b') };

describe('the etcd API lets in', () => {
  it('nobody without a token, before any of the message has arrived', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'raftchart-admission-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'tokens');
    writeFileSync(file, `${newToken('read', 'reader').line}\n`, { mode: 0o600 });
    const tokens = new TokenFile(file, systemClock, silentLog);
    closing.push(() => tokens.close());
    const { begin } = await started({}, tokens);
    expect(await headOf(begin('/etcdserverpb.KV/Put'))).toMatchObject({
      'grpc-status': String(status.INVALID_ARGUMENT),
      'grpc-message': encodeURI('etcdserver: user name is empty'),
    });
  });

  it('nobody for longer than a request may take to arrive', async () => {
    const { begin } = await started({ requestTimeoutMs: 50 });
    expect(await headOf(begin('/etcdserverpb.KV/Put'))).toMatchObject({
      'grpc-status': String(status.UNAVAILABLE),
    });
  });

  it('checks of the health on room of their own, and gives it back', async () => {
    const { begin, client } = await started({ maxOpenRequests: 1 });
    const slow = begin('/grpc.health.v1.Health/Check');
    const check = () => client.call('grpc.health.v1.Health', 'Check', {});
    await expect.poll(check).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await client.kv('Put', { key: all.key })).toHaveProperty('answer');
    slow.close();
    await expect.poll(check).toHaveProperty('answer');
  });

  it('so many watches of the health, and gives back their room', async () => {
    const { client } = await started({ maxHealthWatches: 1 });
    const watch = () => {
      const stream = client.stream('grpc.health.v1.Health', 'Watch');
      stream.send({});
      stream.end();
      return stream;
    };
    const first = watch();
    expect(await first.next()).toEqual({ status: 'SERVING' });
    expect(await watch().ended).toBe('etcdserver: too many requests');
    first.cancel();
    await expect
      .poll(async () => {
        const next = watch();
        const told = await Promise.race([next.next(), next.ended]).catch(() => null);
        next.cancel();
        return told;
      })
      .toEqual({ status: 'SERVING' });
  });
});

describe('an answer of the etcd API', () => {
  it('is refused if it is too large, in words that say how to ask for less', async () => {
    const { client } = await started({ maxAnswerBytes: 1000 });
    await client.put('a1', 'x'.repeat(600));
    await client.put('a2', 'x'.repeat(600));
    const refused = {
      code: status.RESOURCE_EXHAUSTED,
      details:
        'raftchart: the answer has about 1332 bytes, more than 1000: ask for fewer keys at a time, with limit',
    };
    expect(await client.kv('Range', all)).toEqual(refused);
    expect(await client.kv('Txn', { success: [{ request_range: all }] })).toEqual(refused);
    expect(await client.kv('Range', { ...all, limit: 1 })).toHaveProperty('answer');
    expect(await client.kv('Range', { ...all, keys_only: true })).toHaveProperty('answer');
  });

  it('counts until its client has read it or left', async () => {
    const { client, begin } = await started({ maxAnswersBytes: 1_500_000 });
    await client.put('a', 'x'.repeat(1_000_000));
    const range = () => client.kv('Range', all);
    const silent = begin('/etcdserverpb.KV/Range');
    const message = services['etcdserverpb.KV'].Range!.requestSerialize(all);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    silent.end(Buffer.concat([head, message]));
    await headOf(silent);
    expect(await range()).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    silent.resume();
    await once(silent, 'end');
    expect(await range()).toHaveProperty('answer');
    // Its own has been read as well.
    expect(await range()).toHaveProperty('answer');
  });
});
