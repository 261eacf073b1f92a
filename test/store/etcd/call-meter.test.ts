import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { EtcdLoad, EtcdMetrics } from '../../../src/store/etcd/call-metrics.ts';
import type { EtcdOptions } from '../../../src/store/etcd/server.ts';
import { startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';
import { rawCall } from './raw-call.ts';

/** Remembers what it is told. */
class ToldMetrics implements EtcdMetrics {
  readonly told: string[] = [];
  /** Of each port. */
  readonly #loads: (() => EtcdLoad)[] = [];
  #heard: (() => void)[] = [];

  observeEtcd(load: () => EtcdLoad): void {
    this.#loads.push(load);
  }

  load(): EtcdLoad {
    return this.#loads[0]!();
  }

  /** At all ports. */
  get waiting(): number {
    return this.#loads.reduce((sum, load) => sum + load().waiting, 0);
  }

  called(method: string, code: string, seconds: number | null): void {
    if (seconds !== null) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThan(60);
    }
    this.told.push(`${method} ${code}${seconds === null ? ' of a stream' : ''}`);
    for (const heard of this.#heard.splice(0)) heard();
  }

  /** Resolves once it was told of so many calls. */
  async toldOf(count: number): Promise<readonly string[]> {
    while (this.told.length < count) await new Promise<void>((resolve) => this.#heard.push(resolve));
    return this.told;
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const started = async (options: Pick<EtcdOptions, 'limits'> = {}, size = 1) => {
  const metrics = new ToldMetrics();
  const cluster = await startEtcdCluster(size, { ...options, metrics });
  closing.push(() => cluster.close());
  const { endpoint } = await cluster.leader();
  const client = new GrpcClient(endpoint);
  closing.push(() => client.close());
  return { cluster, client, metrics, endpoint };
};

describe('calls of the etcd API are counted', () => {
  it('by method and by what became of them', async () => {
    const { client, metrics } = await started();
    await client.put('a', '1');
    await client.kv('Range', { key: Buffer.from('a') });
    await client.kv('Put', { key: Buffer.alloc(0) });
    await client.ask('grpc.health.v1.Health', 'Check');
    await client.call('etcdserverpb.Lease', 'LeaseRevoke', { ID: '7' });
    expect(metrics.told).toEqual([
      'KV/Put OK',
      'KV/Range OK',
      'KV/Put INVALID_ARGUMENT',
      'Health/Check OK',
      'Lease/LeaseRevoke NOT_FOUND',
    ]);
  });

  it('where they are refused before they are read', async () => {
    const { client, metrics } = await started({ limits: { maxOpenRequests: 0 } });
    await client.call('grpc.health.v1.Health', 'Check', {});
    expect(metrics.told).toEqual(['Health/Check RESOURCE_EXHAUSTED']);
  });

  it('but for methods that there are not: those are words of clients', async () => {
    const { client, metrics, endpoint } = await started();
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    const head = {
      ':method': 'POST',
      ':path': '/etcdserverpb.KV/Made.Up',
      'content-type': 'application/grpc',
    };
    const stream = session.request(head, { endStream: true });
    await once(stream, 'response');
    await client.put('a', '1');
    expect(metrics.told).toEqual(['KV/Put OK']);
  });

  it('as CANCELLED where the client leaves before it is answered, and wait no more', async () => {
    const { cluster, metrics, endpoint } = await started({}, 3);
    // Nobody confirms what is written from here on.
    for (const { node, endpoint: other } of cluster.nodes) if (other !== endpoint) await node.stop();
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    const pair = { key: Buffer.from('a'), value: Buffer.from('1') };
    const stream = rawCall(session, 'etcdserverpb.KV', 'Put', pair);
    await once(session, 'connect');
    while (metrics.waiting === 0) await new Promise<void>((resolve) => session.ping(() => resolve()));
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await metrics.toldOf(1)).toEqual(['KV/Put CANCELLED']);
    expect(metrics.waiting).toBe(0);
  });

  it('as they were answered, whether or not the client reads that', async () => {
    const { client, metrics, endpoint } = await started();
    const key = Buffer.from('a');
    await client.put('a', 'x'.repeat(500_000));
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    const stream = rawCall(session, 'etcdserverpb.KV', 'Range', { key });
    await once(stream, 'response');
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await metrics.toldOf(2)).toEqual(['KV/Put OK', 'KV/Range OK']);
  });

  it.each([
    ['a message that is too long', {}, [0, 0xff, 0, 0, 0], 'RESOURCE_EXHAUSTED'],
    ['a message that cannot be read', {}, [0, 0, 0, 0, 1, 0xff], 'INTERNAL'],
    ['a compression that is not known', { 'grpc-encoding': 'made-up' }, [1, 0, 0, 0, 1, 0], 'UNIMPLEMENTED'],
    ['no message', {}, [], 'UNIMPLEMENTED'],
  ])('as what gRPC itself answers to %s', async (_, headers, bytes, code) => {
    const { metrics, endpoint } = await started();
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    const head = { ':method': 'POST', ':path': '/etcdserverpb.KV/Put', 'content-type': 'application/grpc' };
    const stream = session.request({ ...head, ...headers }, { endStream: false });
    stream.on('error', () => {});
    stream.end(Buffer.from(bytes));
    expect(await metrics.toldOf(1)).toEqual([`KV/Put ${code}`]);
  });

  it('as DEADLINE_EXCEEDED where the client gives no more time', async () => {
    const { metrics, endpoint } = await started();
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    const head = {
      ':method': 'POST',
      ':path': '/etcdserverpb.KV/Put',
      'content-type': 'application/grpc',
      'grpc-timeout': '30m',
    };
    const stream = session.request(head, { endStream: false });
    stream.on('error', () => {});
    expect(await metrics.toldOf(1)).toEqual(['KV/Put DEADLINE_EXCEEDED']);
  });

  it('and streams and their watches while they are open, without how long', async () => {
    const { client, metrics } = await started();
    expect(metrics.load()).toMatchObject({ waiting: 0, watches: 0, streams: new Map() });
    const stream = client.watch();
    for (const key of ['a', 'b']) {
      stream.send({ create_request: { key: Buffer.from(key) } });
      await stream.next();
    }
    expect(metrics.load()).toEqual({
      connections: 1,
      waiting: 0,
      streams: new Map([['Watch/Watch', 1]]),
      watches: 2,
    });
    stream.cancel();
    expect(await metrics.toldOf(1)).toEqual(['Watch/Watch CANCELLED of a stream']);
    expect(metrics.load()).toMatchObject({ watches: 0, streams: new Map([['Watch/Watch', 0]]) });
  });
});
