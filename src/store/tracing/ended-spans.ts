import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../ports/clock.ts';

/** A span as it goes to another thread. Links and a trace state, which no span of a node has, are left out. */
export type EndedSpan = Pick<
  ReadableSpan,
  'name' | 'kind' | 'startTime' | 'endTime' | 'status' | 'attributes' | 'events'
> & {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  /** Null: it is the first of its trace. */
  readonly parentSpanId: string | null;
  /** Whether the parent is of another process. */
  readonly isParentRemote: boolean;
};

export interface EndedSpansOptions {
  /** Hands spans to the exporter. */
  readonly post: (batch: readonly EndedSpan[]) => void;
  /** Says that so many spans are lost. */
  readonly tellLost: (reason: string, spans: number) => void;
  readonly clock: Clock;
}

/** The most spans that wait for the collector; more are lost. */
const maxWaiting = 8192;
const maxBatch = 2048;
/** Spans leave so long after the first one that waits, so that who tries it out sees them at once. */
const firstMs = 1000;
/** At least so long after the last ones: an export costs some milliseconds however few spans are in it. */
const betweenMs = 5000;

/** Collects spans as they end, and hands them over many at a time. */
export class EndedSpans implements SpanProcessor {
  readonly #post: EndedSpansOptions['post'];
  readonly #tellLost: EndedSpansOptions['tellLost'];
  readonly #clock: Clock;
  #batch: EndedSpan[] = [];
  /** Handed over, and not yet taken. */
  #posted = 0;
  #lost = 0;
  #timer: unknown = null;
  #flushedMs = Number.NEGATIVE_INFINITY;
  #isRefusing = false;

  constructor({ post, tellLost, clock }: EndedSpansOptions) {
    this.#clock = clock;
    this.#post = post;
    this.#tellLost = tellLost;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#isRefusing) return;
    if (this.#timer === null) {
      const delayMs = Math.max(firstMs, this.#flushedMs + betweenMs - this.#clock.now());
      this.#timer = this.#clock.setTimeout(() => this.flush(), delayMs);
    }
    if (this.#posted + this.#batch.length >= maxWaiting) {
      this.#lost++;
      return;
    }
    const { traceId, spanId, traceFlags } = span.spanContext();
    const { name, kind, startTime, endTime, status, attributes, events, parentSpanContext: parent } = span;
    this.#batch.push({
      name,
      kind,
      startTime,
      endTime,
      status,
      attributes,
      events,
      traceId,
      spanId,
      traceFlags,
      parentSpanId: parent?.spanId ?? null,
      isParentRemote: parent?.isRemote === true,
    });
    if (this.#batch.length === maxBatch) this.flush();
  }

  /** So many of those handed over wait no longer, exported or not. */
  taken(spans: number): void {
    this.#posted -= spans;
  }

  /** Hands over what there is. */
  flush(): void {
    this.#stopTimer();
    this.#flushedMs = this.#clock.now();
    if (this.#lost > 0) this.#tellLost(`more than ${maxWaiting} wait for the collector`, this.#lost);
    this.#lost = 0;
    if (this.#batch.length === 0) return;
    this.#posted += this.#batch.length;
    this.#post(this.#batch);
    this.#batch = [];
  }

  /** Takes no more spans. */
  refuse(): void {
    this.#isRefusing = true;
    this.#batch = [];
    this.#stopTimer();
  }

  forceFlush(): Promise<void> {
    this.flush();
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
