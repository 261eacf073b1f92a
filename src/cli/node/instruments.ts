import { extname } from 'node:path';
import { systemClock } from '../../adapters/system/clock.ts';
import type { NodeParts } from '../../node/start-node.ts';
import type { Log } from '../../ports/log.ts';
import { nodeName } from '../../raft/types.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { optionalPackages } from '../../statechart/missing-package.ts';
import type { KvResult } from '../../store/kv/kv-state-machine.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import type { SessionResult } from '../../store/sessions/session-state-machine.ts';
import type { NodeTracing } from '../../store/tracing/node-tracing.ts';
import type { SpanExport } from '../../store/tracing/span-export.ts';
import { version } from '../version.ts';
import { usageOf } from './node-adapters.ts';
import type { NodeOptions } from './node-options.ts';

/** A reader cannot follow more, and each event costs some 50 µs. */
const inspectedEventsPerSecond = 20;

/** How the node is inspected; null: not at all. Loaded only when it is asked for. */
export const inspectorOf = async ({
  id,
  inspectUrl: url,
}: NodeOptions): Promise<((log: Log) => Inspector) | null> => {
  if (url === null) return null;
  const { attachInspector } = await import('../../statechart/inspect/attach-inspector.ts');
  const name = nodeName(id);
  return (log) =>
    attachInspector({
      url,
      name,
      prefix: name,
      maxEventsPerSecond: inspectedEventsPerSecond,
      // The node alone sends its charts events.
      takesEvents: false,
      tell: (message) => log.info({}, message),
    });
};

export type MeasuredParts = Pick<
  NodeParts<SessionResult<KvResult>>,
  'storage' | 'stateMachine' | 'sent' | 'lost' | 'received'
>;

export type SpannedParts = Pick<NodeParts<SessionResult<KvResult>>, 'storage' | 'stateMachine' | 'traces'> &
  Callbacks;

/** Loaded only when it is asked for: prom-client takes some 50 ms of processor time and 7 MB. */
export const measuring = async (options: NodeOptions): Promise<NodeMetrics> => {
  const { id, clusterId } = options;
  const { NodeMetrics } = await import('../../store/metrics/node-metrics.ts');
  return new NodeMetrics({
    info: { id, clusterId, version, nodeVersion: process.versions.node },
    usage: () => usageOf(options),
  });
};

export interface Tracing {
  readonly spans: NodeTracing;
  close(): Promise<void>;
}

/** This file is .ts in a clone and .js where it is installed; the one that it is built into there stands beside it. */
const spanExporter = new URL(
  `../../store/tracing/span-exporter${extname(import.meta.filename)}`,
  import.meta.url,
);

/** Loaded only when it is asked for: the SDK takes some 110 ms of processor time. Rejects with `PackageMissing`. */
export const tracingOf = async (options: NodeOptions, log: Log): Promise<Tracing | null> => {
  const { id, clusterId, spansUrl: url, traceSample: ratio } = options;
  if (url === null) return null;
  const { exportSpans } = await optionalPackages(
    ['@opentelemetry/sdk-trace', '@opentelemetry/resources', '@opentelemetry/exporter-trace-otlp-http'],
    '--otlp-endpoint',
    () => {
      // It is loaded on another thread, where nobody would be told.
      import.meta.resolve('@opentelemetry/exporter-trace-otlp-http');
      return import('../../store/tracing/span-export.ts');
    },
  );
  const { NodeTracing } = await import('../../store/tracing/node-tracing.ts');
  const exported: SpanExport = exportSpans({
    id,
    clusterId,
    version,
    url,
    log,
    clock: systemClock,
    program: spanExporter,
  });
  const draw = (): boolean => Math.random() < ratio;
  const spans = new NodeTracing({ tracer: exported.tracer, clock: systemClock, draw });
  return {
    spans,
    close: () => {
      spans.close();
      return exported.close();
    },
  };
};

type Callbacks = Pick<NodeParts<unknown>, 'sent' | 'lost' | 'received' | 'observe' | 'inspect'>;

/** The callback `name` of a node that several parts want: calls that of each, in their order. */
export const together = <Name extends keyof Callbacks>(
  name: Name,
  ...parts: readonly (Callbacks | null | undefined)[]
): Pick<Callbacks, Name> => {
  const calls = parts.flatMap((part) => (part?.[name] as ((value: unknown) => void) | undefined) ?? []);
  if (calls.length === 0) return {} as Pick<Callbacks, Name>;
  const [only] = calls;
  const callAll = (value: unknown): void => {
    for (const call of calls) call(value);
  };
  return { [name]: calls.length === 1 ? only : callAll } as Pick<Callbacks, Name>;
};
