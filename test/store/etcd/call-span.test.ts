import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import {
  askWithinCall,
  type CallSpan,
  type EtcdTracing,
  spanning,
} from '../../../src/store/etcd/call-span.ts';
import { startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';
import { rawCall } from './raw-call.ts';

/** Notes what becomes of each call, and how often it asks the node for something. */
class NotedTracing implements EtcdTracing {
  readonly notes: string[] = [];
  #heard: (() => void)[] = [];

  /** Resolves once it has noted `words`. */
  async noted(words: string): Promise<void> {
    while (!this.notes.includes(words)) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }

  beginCall(path: string, traceparent: unknown): CallSpan {
    const note = (words: string): void => {
      this.notes.push(`${path} ${words}`);
      for (const heard of this.#heard.splice(0)) heard();
    };
    note(`begins under ${traceparent}`);
    return {
      within: (work) => {
        note('asks');
        work();
      },
      answered: (code) => note(code),
      left: () => note('left'),
    };
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const started = async () => {
  const tracing = new NotedTracing();
  const cluster = await startEtcdCluster(1, { tracing });
  closing.push(() => cluster.close());
  const { endpoint } = await cluster.leader();
  const client = new GrpcClient(endpoint);
  closing.push(() => client.close());
  await client.put('first', 'begins the revisions');
  return { client, tracing };
};

describe('a call with one answer has a span', () => {
  it('under the trace of its client, and what it asks of the node is within it', async () => {
    const { client, tracing } = await started();
    tracing.notes.length = 0;
    client.metadata.set('traceparent', 'the trace');
    await client.put('a', '1');
    await client.kv('Range', { key: Buffer.from('a') });
    const put = '/etcdserverpb.KV/Put';
    const range = '/etcdserverpb.KV/Range';
    expect(tracing.notes).toEqual([
      `${put} begins under the trace`,
      `${put} asks`,
      `${put} OK`,
      `${range} begins under the trace`,
      `${range} asks`,
      `${range} OK`,
    ]);
  });

  it('that ends with what its client is told', async () => {
    const { client, tracing } = await started();
    await client.kv('Put', { key: Buffer.alloc(0) });
    expect(tracing.notes.at(-1)).toBe('/etcdserverpb.KV/Put INVALID_ARGUMENT');
  });

  /** A put that nobody confirms, once its node has been asked. */
  const unconfirmed = async (headers: Readonly<Record<string, string>>) => {
    const tracing = new NotedTracing();
    const cluster = await startEtcdCluster(3, { tracing });
    closing.push(() => cluster.close());
    const { endpoint } = await cluster.leader();
    const client = new GrpcClient(endpoint);
    closing.push(() => client.close());
    await client.put('first', 'begins the revisions');
    for (const { node, endpoint: other } of cluster.nodes) if (other !== endpoint) await node.stop();
    tracing.notes.length = 0;
    const session = connect(`http://${endpoint}`);
    closing.push(() => session.destroy());
    await once(session, 'connect');
    const stream = rawCall(session, 'etcdserverpb.KV', 'Put', { key: Buffer.from('a') }, headers);
    await tracing.noted('/etcdserverpb.KV/Put asks');
    return { tracing, stream };
  };

  it('that ends as soon as the client leaves', async () => {
    const { tracing, stream } = await unconfirmed({});
    stream.close(constants.NGHTTP2_CANCEL);
    await tracing.noted('/etcdserverpb.KV/Put left');
    expect(tracing.notes).toHaveLength(3);
  });

  it('that ends when the time is over that the client gives it', async () => {
    const { tracing } = await unconfirmed({ 'grpc-timeout': '100m' });
    await tracing.noted('/etcdserverpb.KV/Put DEADLINE_EXCEEDED');
    expect(tracing.notes).toHaveLength(3);
  });

  it('but for what tells whether the node is well', async () => {
    const { client, tracing } = await started();
    tracing.notes.length = 0;
    await client.ask('grpc.health.v1.Health', 'Check');
    expect(tracing.notes).toEqual([]);
  });
});

describe('what a call asks for', () => {
  it('is within its own span, whatever others do meanwhile', async () => {
    const notes: string[] = [];
    const spanOf = (name: string): CallSpan => ({
      within: (work) => {
        notes.push(name);
        work();
      },
      answered: () => {},
      left: () => {},
    });
    const answer = async (name: string) => {
      await null;
      askWithinCall(() => notes.push(`${name} asks`));
      await null;
      return askWithinCall(() => name);
    };
    const answers = ['a', 'b'].map((name) => spanning(spanOf(name), () => answer(name)));
    const untraced = spanning(null, () => answer('c'));
    expect(await Promise.all([...answers, untraced])).toEqual(['a', 'b', 'c']);
    expect(notes.filter((note) => note.length > 1)).toEqual(['a asks', 'b asks', 'c asks']);
    expect(notes.indexOf('a')).toBe(notes.indexOf('a asks') - 1);
    expect(notes.indexOf('b')).toBe(notes.indexOf('b asks') - 1);
    expect(notes.filter((note) => note.length === 1).toSorted()).toEqual(['a', 'a', 'b', 'b']);
  });
});
