import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { contextIn } from '../../adapters/codec/trace-context.ts';
import type { RaftNode } from '../../node/node.ts';
import { nodeWith } from '../../node/node-with.ts';
import { roleOf } from '../../node/roles.ts';
import type { NodeParts } from '../../node/start-node.ts';
import type { RaftSnapshot } from '../../node/step.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import { storageWith } from '../../ports/storage-with.ts';
import type { Message } from '../../raft/messages.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import type { EtcdTracing } from '../etcd/call-span.ts';
import type { HttpTracing, RequestSpan } from '../http/request-span.ts';
import type { CommandTrace, ForwardSpan, SubmitTracing } from '../sessions/submit-tracing.ts';
import { bytesOf, EntrySpans, endSpan, spanContextIn } from './entry-spans.ts';

/** The parts with which a node is started so that its commands are traced. */
export type SpannedParts<Result> = Required<
  Pick<NodeParts<Result>, 'storage' | 'stateMachine' | 'observe' | 'sent' | 'received' | 'traces'>
>;

export interface NodeTracingOptions {
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** Called for each command that belongs to no trace: whether it begins one. Default: always, and the tracer's sampler decides; that costs more, since a span comes first. */
  readonly draw?: () => boolean;
}

/** Of gRPC's codes, those that are errors of a server's span: OpenTelemetry's semantic conventions for gRPC. */
const failuresOfServer: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Records, with an OpenTelemetry tracer, what one run of a node does with its clients' commands. docs/tracing.md */
export class NodeTracing implements HttpTracing, EtcdTracing, SubmitTracing {
  readonly #tracer: Tracer;
  readonly #spans: EntrySpans;
  readonly #draw: () => boolean;
  /** The context of the request being handled right now. */
  #current: Context | 'untraced' | null = null;
  #wasLeader = false;
  /** Stands for every request that is not traced: most are not, and nothing is made for them. */
  readonly #untraced: RequestSpan<unknown> = {
    within: (work) => this.#within('untraced', work),
    answered: () => {},
    left: () => {},
  };

  constructor({ tracer, clock, draw = () => true }: NodeTracingOptions) {
    this.#tracer = tracer;
    this.#draw = draw;
    this.#spans = new EntrySpans(tracer, clock);
  }

  /** The parts to start the node with: these two wrapped, and callbacks. */
  trace<Result>(storage: Storage, stateMachine: StateMachine<Result>): SpannedParts<Result> {
    const spans = this.#spans;
    return {
      storage: tracedStorage(storage, spans),
      stateMachine: tracedStateMachine(stateMachine, spans),
      observe: (snapshot) => this.#observe(snapshot),
      sent: (message) => {
        if (message.type === 'AppendEntriesResponse' && !spans.isIdle) spans.answering(message);
      },
      received: (message: Message) => {
        if (message.type === 'AppendEntriesResponse' && !spans.isIdle) spans.answered(message);
      },
      traces: spans,
    };
  }

  /** `node`, started with those parts, as its clients are to use it. A command belongs to the span that is active when it is submitted. */
  serve<Result>(node: RaftNode<Result>): RaftNode<Result> {
    const submit: RaftNode<Result>['submit'] = (command, done) => {
      const under = this.#under();
      const span = under === null ? null : this.#spans.proposed(command, under);
      if (span === null) {
        node.submit(command, done);
        return;
      }
      const settled = (failure: string | null) => this.#spans.settled(command, span, failure);
      try {
        node.submit(command, (outcome) => {
          span.setAttribute('raft.outcome', outcome.type);
          settled(outcome.type === 'applied' ? null : outcome.type);
          done(outcome);
        });
      } catch (error) {
        settled((error as Error).message);
        throw error;
      }
    };
    const read: RaftNode<Result>['read'] = (done) => {
      const under = this.#under();
      if (under === null) {
        node.read(done);
        return;
      }
      const span = this.#tracer.startSpan('raft.read', {}, under);
      node.read((outcome) => {
        span.setAttribute('raft.outcome', outcome.type);
        endSpan(span, outcome.type === 'ready' ? null : outcome.type);
        done(outcome);
      });
    };
    return nodeWith(node, { submit, read });
  }

  begin(operation: string, { method = '', headers }: Parameters<HttpTracing['begin']>[1]): RequestSpan {
    const attributes = { 'http.request.method': method, 'raft.operation': operation };
    return this.#begin<number>(operation, headers.traceparent, attributes, (span, status) => {
      span.setAttribute('http.response.status_code', status);
      return status >= 500;
    });
  }

  beginCall(path: string, traceparent: unknown): RequestSpan<string> {
    const method = path.slice(1);
    const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': method };
    return this.#begin<string>(method, traceparent, attributes, (span, code) => {
      span.setAttribute('rpc.response.status_code', code);
      return failuresOfServer.has(code);
    });
  }

  submitted(): CommandTrace {
    const under = this.#under();
    return {
      within: (work) => this.#within(under ?? 'untraced', work),
      forwarding: (to) => (under === null ? null : this.#forwarding(to, under)),
    };
  }

  continuing(context: Uint8Array | null, work: () => void): void {
    const sent = context === null ? null : spanContextIn(context);
    const isTraced = sent !== null && isSampled(sent.traceFlags);
    this.#within(isTraced ? trace.setSpanContext(ROOT_CONTEXT, sent) : 'untraced', work);
  }

  #forwarding(to: NodeId, under: Context): ForwardSpan | null {
    const options = { kind: SpanKind.CLIENT, attributes: { 'raft.peer': nodeName(to) } };
    const span = this.#tracer.startSpan('raft.forward', options, under);
    if (!span.isRecording()) return null;
    return {
      context: bytesOf(span.spanContext()),
      ended: (outcome) => {
        if (outcome !== null) span.setAttribute('raft.outcome', outcome);
        endSpan(span, outcome === 'applied' ? null : (outcome ?? 'it was not answered'));
      },
    };
  }

  /** Ends every span that is open: the node has stopped. */
  close(): void {
    this.#spans.close();
  }

  /** `answered` notes what the client is told, and says whether that is a failure of this node. */
  #begin<Status>(
    name: string,
    traceparent: unknown,
    attributes: Attributes,
    answered: (span: Span, status: Status) => boolean,
  ): RequestSpan<Status> {
    const said = contextIn(traceparent);
    if (said === null ? !this.#draw() : !isSampled(said[24]!)) return this.#untraced;
    const parent = said === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextIn(said));
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    if (!span.isRecording()) return this.#untraced;
    const inside = isSampled(span.spanContext().traceFlags) ? trace.setSpan(ROOT_CONTEXT, span) : 'untraced';
    return {
      within: (work) => this.#within(inside, work),
      answered: (status) => {
        if (answered(span, status)) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
      left: () => endSpan(span, 'the client left before it was answered'),
    };
  }

  #within(context: Context | 'untraced', work: () => void): void {
    const before = this.#current;
    this.#current = context;
    try {
      work();
    } finally {
      this.#current = before;
    }
  }

  /** What a command that comes right now belongs to. Null: it is not traced. */
  #under(): Context | null {
    if (this.#current !== null) return this.#current === 'untraced' ? null : this.#current;
    const active = context.active();
    const caller = trace.getSpanContext(active);
    return (caller === undefined ? this.#draw() : isSampled(caller.traceFlags)) ? active : null;
  }

  #observe({ value, context: { commitIndex } }: RaftSnapshot): void {
    if (this.#spans.isIdle) return;
    const isLeader = roleOf(value) === 'leader';
    this.#spans.committed(commitIndex);
    if (this.#wasLeader && !isLeader) this.#spans.deposed();
    this.#wasLeader = isLeader;
  }
}

const isSampled = (flags: number): boolean => (flags & TraceFlags.SAMPLED) !== 0;

const tracedStorage = (storage: Storage, spans: EntrySpans): Storage =>
  storageWith(storage, {
    append: (write) => {
      storage.append(write);
      spans.appended(write);
    },
    sync: (done) => {
      const synced = spans.syncing();
      if (synced === null) storage.sync(done);
      else
        storage.sync((failure) => {
          synced(failure === null ? null : failure.message);
          done(failure);
        });
    },
  });

const tracedStateMachine = <Result>(
  stateMachine: StateMachine<Result>,
  spans: EntrySpans,
): StateMachine<Result> => {
  const { snapshot, restore } = stateMachine;
  return {
    apply: (command, position) => {
      const applied = spans.isIdle ? null : spans.applying(position.index, position.term);
      const result = stateMachine.apply(command, position);
      applied?.();
      return result;
    },
    ...(snapshot && { snapshot: () => snapshot.call(stateMachine) }),
    ...(restore && { restore: (pieces: AsyncIterable<Uint8Array>) => restore.call(stateMachine, pieces) }),
  };
};
