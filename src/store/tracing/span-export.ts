import { Worker } from 'node:worker_threads';
import type { Tracer } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { LogLimit } from '../../ports/log-limit.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import { EndedSpans } from './ended-spans.ts';
import type { ExportSetting, FromExporter, ToExporter } from './span-exporter.ts';

export interface SpanExportOptions {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly version: string;
  /** The full URL at which the collector takes traces, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Where the module span-exporter is, the program of the exporter's thread: a bundle of this module is not beside it. */
  readonly program: URL;
}

export interface SpanExport {
  /** Keeps every trace that begins here; one begun by a client is kept if the client keeps it. */
  readonly tracer: Tracer;
  /** Exports waiting spans for up to half a second. Never rejects. */
  close(): Promise<void>;
}

const lastExportMs = 500;
const toldEveryMs = 60_000;
/** Of the exporter's thread: what it allocates is dead once a request is answered. */
const youngGenerationMb = 2;

/**
 * Exports spans over OTLP. The exporter of OpenTelemetry runs on a thread of its own, so that serializing and sending take none of the node's time.
 * Nothing waits for the collector or for that thread; what they do not take is lost.
 */
export const exportSpans = (options: SpanExportOptions): SpanExport => {
  const { id, clusterId, version, url, log, clock, program } = options;
  const limit = new LogLimit(clock, toldEveryMs, 1);
  let lost = 0;
  const tellLost = (reason: string, spans: number): void => {
    lost += spans;
    if (limit.take('lost') === null) return;
    log.warn({ url, reason, spans: lost }, `spans are lost: ${reason}`);
    lost = 0;
  };
  const setting: ExportSetting = {
    url,
    scope: { name: 'raftchart', version },
    attributes: {
      'service.name': 'raftchart',
      'service.version': version,
      'service.instance.id': nodeName(id),
      'raftchart.cluster.id': clusterId,
    },
  };
  const worker = new Worker(program, {
    workerData: setting,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  worker.unref();
  const post = (message: ToExporter): void => worker.postMessage(message);
  const spans = new EndedSpans({ post: (batch) => post({ batch }), tellLost, clock });
  const { promise: over, resolve } = Promise.withResolvers<void>();
  worker.on('message', (message: FromExporter) => {
    if (message === 'closed') resolve();
    else if ('taken' in message) {
      spans.taken(message.taken);
      if (message.failure !== null) tellLost(message.failure, message.taken);
    } else if ('complaint' in message) tellLost(message.complaint, 0);
    else log.warn({}, `a variable of OpenTelemetry is ignored: ${message.ignored}`);
  });
  let isClosing = false;
  worker.on('error', (error) => {
    spans.refuse();
    if (!isClosing)
      log.error(
        { error: oneLine(error) },
        'the exporter of spans has failed; the node goes on, and exports no more of them',
      );
  });
  worker.on('exit', () => {
    spans.refuse();
    resolve();
  });
  const provider = new TracerProvider({ spanProcessors: [spans] });
  return {
    tracer: provider.getTracer(setting.scope.name, version),
    close: async () => {
      spans.flush();
      spans.refuse();
      isClosing = true;
      post('close');
      const timer = setTimeout(resolve, lastExportMs);
      await over;
      clearTimeout(timer);
      await worker.terminate();
    },
  };
};

/** What is thrown need not be an error. */
const oneLine = (error: unknown): string =>
  String((error as Partial<Error> | null)?.message ?? error).split('\n')[0]!;
