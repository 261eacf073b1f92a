import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import type { Outcome, RaftNode } from '../../../src/node/node.ts';
import { NodeTracing } from '../../../src/store/tracing/node-tracing.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = (flags: string) => `00-${traceId}-00f067aa0ba902b7-${flags}`;

/** A node that applies at once what it is given, and answers every read at once. */
const node = {
  submit: (_: Uint8Array, done: (outcome: Outcome<null>) => void) =>
    done({ type: 'applied', index: 1, term: 1, result: null }),
  read: (done: (outcome: object) => void) => done({ type: 'ready' }),
} as unknown as RaftNode<null>;

/** `draws` is what comes of each draw, in turn. */
const setUp = (...draws: readonly boolean[]) => {
  const exporter = new InMemorySpanExporter();
  let started = 0;
  const counting = { onStart: () => void started++, onEnd: () => {} };
  const unused = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() };
  const spanProcessors = [new SimpleSpanProcessor({ exporter }), { ...counting, ...unused }];
  const tracer = new TracerProvider({ spanProcessors }).getTracer('test');
  const left = [...draws];
  const tracing = new NodeTracing({ tracer, clock: new VirtualClock(), draw: () => left.shift()! });
  const served = tracing.serve(node);
  const request = (ask: () => void, headers: Readonly<Record<string, string>> = {}): void => {
    const span = tracing.begin('put', { method: 'PUT', headers });
    span!.within(ask);
    span!.answered(200);
  };
  const put = (headers?: Readonly<Record<string, string>>) =>
    request(() => served.submit(new Uint8Array(3), () => {}), headers);
  const get = () => request(() => served.read(() => {}));
  const call = (code: string, traceparent?: string): void => {
    const span = tracing.beginCall('/etcdserverpb.KV/Put', traceparent);
    span!.within(() => served.submit(new Uint8Array(3), () => {}));
    span!.answered(code);
  };
  const names = () => exporter.getFinishedSpans().map(({ name }) => name);
  return { served, put, get, call, names, left, exporter, started: () => started };
};

describe('whether a request is traced', () => {
  it('is drawn once if it brings no trace, and what it asks of the node follows it', () => {
    const { put, get, names, left } = setUp(true, false, false, true);
    put();
    put();
    get();
    get();
    expect(names()).toEqual(['raft.propose', 'put', 'raft.read', 'put']);
    expect(left).toEqual([]);
  });

  it('is what its trace says if it brings one, and nothing is drawn', () => {
    const { put, names, exporter } = setUp();
    put({ traceparent: traceparent('00') });
    expect(names()).toEqual([]);
    put({ traceparent: traceparent('01') });
    expect(names()).toEqual(['raft.propose', 'put']);
    expect(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).toEqual([traceId, traceId]);
  });

  it('is drawn if its traceparent cannot be read', () => {
    const { put, names } = setUp(false);
    put({ traceparent: 'nonsense' });
    expect(names()).toEqual([]);
  });

  it('costs no span if it is not', () => {
    const { put, get, started } = setUp(false, false);
    put();
    get();
    expect(started()).toBe(0);
  });

  it('is drawn for each command that belongs to no request', () => {
    const { served, names } = setUp(true, false, false, true);
    served.submit(new Uint8Array(3), () => {});
    served.submit(new Uint8Array(3), () => {});
    served.read(() => {});
    served.read(() => {});
    expect(names()).toEqual(['raft.propose', 'raft.read']);
  });
});

describe('a call of the etcd API', () => {
  it('is a span as OpenTelemetry has them for gRPC, in the trace of its client, with what it asks of the node below it', () => {
    const { call, exporter } = setUp();
    call('OK', traceparent('01'));
    const [proposal, span] = exporter.getFinishedSpans();
    expect(proposal).toMatchObject({ name: 'raft.propose' });
    expect(proposal!.parentSpanContext!.spanId).toBe(span!.spanContext().spanId);
    expect(span!.spanContext().traceId).toBe(traceId);
    expect(span).toMatchObject({
      name: 'etcdserverpb.KV/Put',
      kind: SpanKind.SERVER,
      attributes: {
        'rpc.system.name': 'grpc',
        'rpc.method': 'etcdserverpb.KV/Put',
        'rpc.response.status_code': 'OK',
      },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it.each([
    ['UNAVAILABLE', SpanStatusCode.ERROR],
    ['INTERNAL', SpanStatusCode.ERROR],
    ['NOT_FOUND', SpanStatusCode.UNSET],
    ['RESOURCE_EXHAUSTED', SpanStatusCode.UNSET],
  ])('that is answered %s is an error of this node, or of its client', (code, status) => {
    const { call, exporter } = setUp(true);
    call(code);
    expect(exporter.getFinishedSpans().at(-1)!.status.code).toBe(status);
  });

  it('is drawn if it brings no trace', () => {
    const { call, names, left } = setUp(false, true);
    call('OK');
    call('OK');
    expect(names()).toEqual(['raft.propose', 'etcdserverpb.KV/Put']);
    expect(left).toEqual([]);
  });
});
