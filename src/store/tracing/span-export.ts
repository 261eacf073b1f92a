import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DiagLogLevel, diag, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { LogLimit } from '../../ports/log-limit.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';

export interface SpanExportOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly version: string;
  /** The full URL at which the collector takes traces, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** The share, from 0 to 1, of the traces begun here that are kept. One begun by a client is kept if the client keeps it. */
  readonly ratio: number;
  readonly log: Log;
  readonly clock: Clock;
}

export interface SpanExport {
  readonly tracer: Tracer;
  /** Exports waiting spans for up to half a second. Never rejects. */
  close(): Promise<void>;
}

/** The most spans that wait for the collector; more are lost. */
const maxWaiting = 8192;
const lastExportMs = 500;
const toldEveryMs = 60_000;

/** Exports spans over OTLP, with the OpenTelemetry SDK. Nothing waits for the collector; what it does not take is lost. */
export const exportSpans = (options: SpanExportOptions): SpanExport => {
  const { id, clusterId, version, url, ratio, log, clock } = options;
  const limit = new LogLimit(clock, toldEveryMs, 1);
  const tellLost = (reason: string): void => {
    const unlogged = limit.take('lost');
    if (unlogged !== null) log.warn({ url, reason, unlogged }, `spans are lost: ${reason}`);
  };
  // The SDK reports a full queue only through this logger.
  const silent = (): void => {};
  diag.setLogger(
    { error: silent, warn: tellLost, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 4 });
  const exporter = new OTLPTraceExporter({ url, httpAgentOptions: () => agent });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': 'raftchart',
          'service.version': version,
          'service.instance.id': nodeName(id),
          'raftchart.cluster.id': clusterId,
        }),
      )
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(exporter, tellLost),
        maxQueueSize: maxWaiting,
        scheduledDelayMillis: 1000,
      }),
    ],
  });
  return {
    tracer: provider.getTracer('raftchart', version),
    close: async () => {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, lastExportMs);
      await Promise.race([provider.shutdown().catch(() => {}), over]);
      clearTimeout(timer);
      agent.destroy();
    },
  };
};

/** `exporter`, with its failures reported by `tell` alone. */
const telling = (exporter: SpanExporter, tell: (reason: string) => void): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      if (result.error !== undefined) tell(reasonOf(result.error));
      // Nothing else acts on a failure.
      done({ code: 0 });
    }),
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  shutdown: () => exporter.shutdown(),
});

/** One line, even for an error without a message, as when several addresses were tried. */
const reasonOf = (error: Error & { readonly code?: string | number }): string =>
  (error.message || String(error.code ?? 'unknown')).split('\n')[0]!;
