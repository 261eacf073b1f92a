import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { decodeForwarded, encodeForwarded } from '../../../src/store/sessions/forwarded.ts';
import { NodeTracing } from '../../../src/store/tracing/node-tracing.ts';
import { textCodec } from '../sessions/list-machine.ts';
import { SubmitterCluster } from '../sessions/submitter-cluster.ts';

const setUp = async ({ isDrawn = true } = {}) => {
  const exporters = new Map<number, InMemorySpanExporter>();
  const tracings = new Map<number, NodeTracing>();
  const cluster = new SubmitterCluster({
    tracing: (id, clock) => {
      const exporter = new InMemorySpanExporter();
      exporters.set(id, exporter);
      const spanProcessors = [new SimpleSpanProcessor({ exporter })];
      const tracer = new TracerProvider({ spanProcessors }).getTracer('test');
      const tracing = new NodeTracing({ tracer, clock, draw: () => isDrawn });
      tracings.set(id, tracing);
      return tracing;
    },
  });
  await cluster.elected();
  const leader = cluster.leader!.node.id;
  const follower = cluster.followers[0]!.node.id;
  const of = (id: number, name: string): readonly ReadableSpan[] =>
    exporters
      .get(id)!
      .getFinishedSpans()
      .filter((span) => span.name === name);
  const all = () => [...exporters.values()].flatMap((exporter) => exporter.getFinishedSpans());
  /** Within a request of a client that says nothing of traces. */
  const ask = (id: number, text: string, timeoutMs?: number) => {
    const span = tracings.get(id)!.begin('put', { method: 'PUT', headers: {} })!;
    let outcome!: ReturnType<typeof cluster.submit>;
    span.within(() => {
      outcome = cluster.submit(id, text, timeoutMs);
    });
    return cluster.settled(outcome).finally(() => span.answered(200));
  };
  return { cluster, leader, follower, of, all, ask };
};

describe('a command that a follower passes on', () => {
  it('is one trace on both nodes: the request, what was sent for it, and the proposal of the leader', async () => {
    const { leader, follower, of, ask } = await setUp();
    expect(await ask(follower, 'x')).toMatchObject({ type: 'applied' });
    const [request] = of(follower, 'put');
    const [forward] = of(follower, 'raft.forward');
    expect(forward).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { 'raft.peer': `node${leader}`, 'raft.outcome': 'applied' },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(forward!.parentSpanContext!.spanId).toBe(request!.spanContext().spanId);
    const proposals = of(leader, 'raft.propose');
    expect(proposals).toHaveLength(1);
    expect(proposals[0]!.parentSpanContext).toMatchObject({
      traceId: request!.spanContext().traceId,
      spanId: forward!.spanContext().spanId,
    });
    expect(of(follower, 'raft.propose').length).toBe(1);
  });

  it('makes no span anywhere if its trace is not kept', async () => {
    const { cluster, follower, all, ask } = await setUp({ isDrawn: false });
    expect(await ask(follower, 'x')).toMatchObject({ type: 'applied' });
    expect(all()).toEqual([]);
    const types = cluster.messages.map(({ bytes }) => decodeForwarded(bytes, textCodec)?.type);
    expect(types).not.toContain('trace');
  });

  it('whose request is lost has a span that says so, and one for each further request', async () => {
    const { cluster, follower, of, ask } = await setUp();
    cluster.loss = 1;
    expect(await ask(follower, 'x', 600)).toMatchObject({ type: 'unknownOutcome' });
    const forwards = of(follower, 'raft.forward');
    expect(forwards.length).toBeGreaterThan(0);
    for (const { status } of forwards)
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'it was not answered' });
  });

  it('that another client submits within no request has a trace of its own', async () => {
    const { cluster, leader, follower, of } = await setUp();
    await cluster.settled(cluster.submit(follower, 'x'));
    const [forward] = of(follower, 'raft.forward');
    expect(forward!.parentSpanContext).toBeUndefined();
    expect(of(leader, 'raft.propose')[0]!.spanContext().traceId).toBe(forward!.spanContext().traceId);
  });

  it('belongs to the trace that its own node told with its tag, and to no other', async () => {
    const { cluster, leader, follower, all } = await setUp({ isDrawn: false });
    const { submitter } = cluster.members.get(leader)!;
    const context = new Uint8Array(25).fill(7);
    for (const { node } of cluster.followers)
      submitter.receive(node.id, encodeForwarded({ type: 'trace', tag: 'another', context }, textCodec));
    await cluster.settled(cluster.submit(follower, 'x'));
    expect(all()).toEqual([]);
  });

  it('keeps its trace where another node passes one on at the same time', async () => {
    const { cluster, leader, of } = await setUp();
    const ids = cluster.followers.map(({ node }) => node.id);
    await cluster.settled(Promise.all(ids.map((id) => cluster.submit(id, `of ${id}`))));
    const traceIds = (spans: readonly ReadableSpan[]) =>
      spans.map((span) => span.spanContext().traceId).toSorted();
    expect(traceIds(of(leader, 'raft.propose'))).toEqual(
      traceIds(ids.flatMap((id) => of(id, 'raft.forward'))),
    );
  });
});

it('a trace that is no 25 bytes is no message', () => {
  const told = { type: 'trace', tag: 'x', context: new Uint8Array(25) } as const;
  expect(decodeForwarded(encodeForwarded(told, textCodec), textCodec)).toMatchObject({
    type: 'trace',
    tag: 'x',
  });
  const short = encodeForwarded({ ...told, context: new Uint8Array(24) }, textCodec);
  expect(decodeForwarded(short, textCodec)).toBeNull();
});
