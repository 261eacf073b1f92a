import { parentPort, workerData } from 'node:worker_threads';
import { type Attributes, DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { EndedSpan } from './ended-spans.ts';

/** What the exporter's thread is started with. */
export interface ExportSetting {
  readonly url: string;
  readonly scope: { readonly name: string; readonly version: string };
  /** Of the resource. */
  readonly attributes: Attributes;
}

export type ToExporter = { readonly batch: readonly EndedSpan[] } | 'close';

export type FromExporter =
  /** So many spans wait no longer; `failure` null: the collector has them. */
  | { readonly taken: number; readonly failure: string | null }
  /** What the exporter says beside that. */
  | { readonly complaint: string }
  /** Why a variable of the environment has no effect. */
  | { readonly ignored: string }
  /** Nothing waits any more. */
  | 'closed';

/** The most requests to the collector at a time. */
const maxRequests = 4;

const { url, scope, attributes } = workerData as ExportSetting;
const port = parentPort!;
const tell = (message: FromExporter): void => port.postMessage(message);

/** The SDK reports a bad variable only through its logger, and so does the exporter what a collector takes only in part. */
const hear = (to: (text: string) => void, logLevel: DiagLogLevel): void => {
  const say = (...words: readonly unknown[]): void => to(oneLine(words.map(String).join(' ')));
  const silent = (): void => {};
  // Resource attributes that cannot be read are worth no more than this level to the SDK.
  const debug = (text: string): void => {
    if (text.startsWith(attributesFail)) say(text.slice(attributesFail.length));
  };
  const logger = { error: silent, warn: say, info: silent, debug, verbose: silent };
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
};

const attributesFail = 'EnvDetector failed: ';

/** An error without a message comes where several addresses were tried. */
const reasonOf = (error: Error & { readonly code?: string | number }): string =>
  oneLine(error.message || String(error.code ?? 'unknown'));

const oneLine = (text: string): string => text.split('\n')[0]!;

hear((ignored) => tell({ ignored }), DiagLogLevel.DEBUG);
const resource: Resource = defaultResource()
  .merge(resourceFromAttributes(attributes))
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
  .merge(detectResources({ detectors: [envDetector] }));
const exporter = new OTLPTraceExporter({ url, concurrencyLimit: maxRequests });
hear((complaint) => tell({ complaint }), DiagLogLevel.WARN);

const readable = (span: EndedSpan): ReadableSpan => {
  const { traceId, spanId, traceFlags, parentSpanId, isParentRemote, ...same } = span;
  const parent = { traceId, traceFlags, isRemote: isParentRemote };
  return {
    ...same,
    spanContext: () => ({ traceId, spanId, traceFlags }),
    ...(parentSpanId === null ? {} : { parentSpanContext: { ...parent, spanId: parentSpanId } }),
    duration: [0, 0],
    ended: true,
    links: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
};

const waiting: (readonly EndedSpan[])[] = [];
let requests = 0;
let isClosing = false;

const next = (): void => {
  while (requests < maxRequests && waiting.length > 0) {
    const batch = waiting.shift()!;
    requests++;
    exporter.export(batch.map(readable), ({ error }) => {
      requests--;
      tell({ taken: batch.length, failure: error === undefined ? null : reasonOf(error) });
      // Not at once: the exporter counts this request until its promise has settled.
      setImmediate(next);
    });
  }
  if (isClosing && requests === 0) tell('closed');
};

port.on('message', (message: ToExporter) => {
  if (message === 'close') isClosing = true;
  else waiting.push(message.batch);
  next();
});
