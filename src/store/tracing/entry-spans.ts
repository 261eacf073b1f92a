import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { EntryTrace } from '../../adapters/codec/trace-context.ts';
import type { TraceCarrier } from '../../node/trace-carrier.ts';
import type { Clock } from '../../ports/clock.ts';
import { PassingMap } from '../../ports/passing-map.ts';
import type { Write } from '../../ports/storage.ts';
import type { AppendEntries, AppendEntriesResponse } from '../../raft/messages.ts';
import { type LogIndex, type NodeId, nodeName, type Term } from '../../raft/types.ts';

/** The most entries with open spans; the oldest make room. */
const maxEntries = 4096;
/** Spans still open after this time are ended: what they wait for may never come, and an open span is never exported. */
const patienceMs = 10_000;

/** A log entry that belongs to a trace. */
interface TracedEntry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly bornMs: number;
  /** The parent of its spans: on the leader the proposal, on a follower the receipt. */
  readonly under: Context;
  /** Its spans that have not ended on this node. */
  readonly open: Set<Span>;
  /** On a follower: until it is answered. */
  readonly receive: Span | null;
  /** On the leader: until it is committed. */
  readonly commit: Span | null;
  /** On the leader, by follower. Kept after they end, since an entry may be sent again. */
  readonly replicas: Map<NodeId, Span>;
  isApplied: boolean;
}

/** The spans of entries on their way through the log of one node, from the proposal to the state machine. docs/tracing.md */
export class EntrySpans implements TraceCarrier {
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  /** By command, before it has a place in the log. */
  readonly #proposals = new PassingMap<Uint8Array, Span>();
  /** Oldest first. */
  readonly #entries = new PassingMap<LogIndex, TracedEntry>();
  /** Those of them whose `commit`, whose `receive`, or whose replica at a peer is open. */
  readonly #uncommitted = new PassingMap<LogIndex, TracedEntry>();
  readonly #unanswered = new PassingMap<LogIndex, TracedEntry>();
  readonly #unacknowledged = new Map<NodeId, PassingMap<LogIndex, TracedEntry>>();
  /** Of entries appended since the last sync began. */
  #unsynced: { readonly entry: TracedEntry; readonly span: Span }[] = [];
  #timer: unknown = null;

  constructor(tracer: Tracer, clock: Clock) {
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /** A command is proposed to the node. Null: it is not traced. */
  proposed(command: Uint8Array, under: Context): Span | null {
    if (this.#proposals.has(command)) return null;
    const span = this.#tracer.startSpan('raft.propose', {}, under);
    if (!span.isRecording()) return null;
    this.#proposals.set(command, span);
    return span;
  }

  /** The proposal has an outcome. `failure` null: it was applied. */
  settled(command: Uint8Array, span: Span, failure: string | null): void {
    this.#proposals.delete(command);
    endSpan(span, failure);
  }

  appended({ firstIndex, entries }: Write): void {
    if (this.#proposals.size === 0 && this.#entries.size === 0) return;
    for (let offset = 0; offset < entries.length; offset++) {
      const { term, payload } = entries[offset]!;
      const index = firstIndex + offset;
      const proposal = this.#proposals.get(payload);
      const entry =
        proposal === undefined ? this.#at(index, term) : this.#add(index, term, proposal, { isOwn: true });
      if (entry === null) continue;
      const span = this.#begin(entry, 'raft.append');
      this.#unsynced.push({ entry, span });
    }
  }

  /** A sync of everything appended begins. Returns what to call when it ends; null: nothing in it is traced. */
  syncing(): ((failure: string | null) => void) | null {
    const covered = this.#unsynced;
    if (covered.length === 0) return null;
    this.#unsynced = [];
    return (failure) => {
      for (const { entry, span } of covered) this.#end(entry, span, failure);
    };
  }

  leaving({ to, prevLogIndex, entries }: AppendEntries): readonly EntryTrace[] {
    if (this.#entries.size === 0) return [];
    const traces: EntryTrace[] = [];
    for (let offset = 0; offset < entries.length; offset++) {
      const index = prevLogIndex + 1 + offset;
      const entry = this.#at(index, entries[offset]!.term);
      if (entry === null) continue;
      let span = entry.replicas.get(to);
      if (span === undefined) {
        span = this.#begin(entry, 'raft.replicate', {
          kind: SpanKind.CLIENT,
          attributes: { 'raft.peer': nodeName(to) },
        });
        entry.replicas.set(to, span);
        const waiting = this.#unacknowledged.get(to) ?? new PassingMap();
        waiting.set(index, entry);
        this.#unacknowledged.set(to, waiting);
      } else if (entry.open.has(span)) span.addEvent('sent again');
      traces.push({ offset, context: bytesOf(span.spanContext()) });
    }
    return traces;
  }

  arrived({ from, prevLogIndex, entries }: AppendEntries, traces: readonly EntryTrace[]): void {
    for (const { offset, context } of traces) {
      const index = prevLogIndex + 1 + offset;
      const { term } = entries[offset]!;
      if (this.#at(index, term) !== null) continue;
      const under = trace.setSpanContext(ROOT_CONTEXT, spanContextIn(context));
      const attributes = { 'raft.peer': nodeName(from), 'raft.index': index, 'raft.term': term };
      const span = this.#tracer.startSpan('raft.receive', { kind: SpanKind.SERVER, attributes }, under);
      if (span.isRecording()) this.#add(index, term, span, { isOwn: false });
    }
  }

  /** This node answers that its log is the leader's up to matchIndex, durably. */
  answering({ success, matchIndex }: AppendEntriesResponse): void {
    if (success) this.#endUpTo(this.#unanswered, matchIndex, ({ receive }) => receive);
  }

  /** A follower has answered the same. */
  answered({ from, success, matchIndex }: AppendEntriesResponse): void {
    const waiting = this.#unacknowledged.get(from);
    if (success && waiting !== undefined)
      this.#endUpTo(waiting, matchIndex, ({ replicas }) => replicas.get(from) ?? null);
  }

  /** The node knows the log to be committed up to `commitIndex`. */
  committed(commitIndex: LogIndex): void {
    this.#endUpTo(this.#uncommitted, commitIndex, ({ commit }) => commit);
  }

  /** This node no longer leads, so the spans that it began as leader cannot end normally. */
  deposed(): void {
    for (const entry of this.#entries.values()) {
      for (const span of [entry.commit, ...entry.replicas.values()])
        if (span !== null) this.#end(entry, span, 'the node no longer leads');
    }
  }

  /** The entry at `index` is about to be applied. Returns what to call afterwards; null: it is not traced. */
  applying(index: LogIndex, term: Term): (() => void) | null {
    const entry = this.#at(index, term);
    if (entry === null) return null;
    const span = this.#begin(entry, 'raft.apply');
    return () => {
      entry.isApplied = true;
      this.#end(entry, span, null);
    };
  }

  get isIdle(): boolean {
    return this.#entries.size === 0;
  }

  /** Ends every span: the node has stopped. */
  close(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    for (const entry of [...this.#entries.values()]) this.#fail(entry, 'the node has stopped');
    for (const [command, span] of this.#proposals) this.settled(command, span, 'the node has stopped');
  }

  /** The traced entry at `index`. One of another term has been replaced, and is failed. */
  #at(index: LogIndex, term: Term): TracedEntry | null {
    const entry = this.#entries.get(index);
    if (entry === undefined) return null;
    if (entry.term === term) return entry;
    this.#fail(entry, 'the entry was replaced by another leader');
    return null;
  }

  #add(index: LogIndex, term: Term, span: Span, { isOwn }: { readonly isOwn: boolean }): TracedEntry {
    // Fails an entry that had this index before.
    this.#at(index, term);
    const oldest = this.#entries.values().next().value;
    if (oldest !== undefined && this.#entries.size >= maxEntries)
      this.#fail(oldest, 'too many entries are traced at once');
    const under = trace.setSpan(ROOT_CONTEXT, span);
    const commit = isOwn ? this.#tracer.startSpan('raft.commit', {}, under) : null;
    const entry: TracedEntry = {
      index,
      term,
      bornMs: this.#clock.now(),
      under,
      open: new Set([commit ?? span]),
      receive: isOwn ? null : span,
      commit,
      replicas: new Map(),
      isApplied: false,
    };
    if (isOwn) span.setAttributes({ 'raft.index': index, 'raft.term': term });
    this.#entries.set(index, entry);
    (isOwn ? this.#uncommitted : this.#unanswered).set(index, entry);
    this.#watch();
    return entry;
  }

  #begin(entry: TracedEntry, name: string, options: Parameters<Tracer['startSpan']>[1] = {}): Span {
    const span = this.#tracer.startSpan(name, options, entry.under);
    entry.open.add(span);
    return span;
  }

  #end(entry: TracedEntry, span: Span, failure: string | null): void {
    if (!entry.open.delete(span)) return;
    endSpan(span, failure);
    if (entry.isApplied && entry.open.size === 0) this.#forget(entry);
  }

  #fail(entry: TracedEntry, reason: string): void {
    this.#forget(entry);
    for (const span of entry.open) endSpan(span, reason);
    entry.open.clear();
  }

  /** `waiting` is in order of index. */
  #endUpTo(
    waiting: PassingMap<LogIndex, TracedEntry>,
    last: LogIndex,
    spanOf: (entry: TracedEntry) => Span | null,
  ): void {
    for (const [index, entry] of waiting) {
      if (index > last) break;
      waiting.delete(index);
      const span = spanOf(entry);
      if (span !== null) this.#end(entry, span, null);
    }
  }

  #forget({ index }: TracedEntry): void {
    for (const each of [this.#entries, this.#uncommitted, this.#unanswered, ...this.#unacknowledged.values()])
      each.delete(index);
  }

  #watch(): void {
    if (this.#timer !== null) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      const bornMs = this.#clock.now() - patienceMs;
      for (const entry of [...this.#entries.values()]) {
        if (entry.bornMs > bornMs) break;
        this.#fail(entry, `it did not end within ${patienceMs / 1000} s`);
      }
      if (this.#entries.size > 0) this.#watch();
    }, patienceMs / 2);
  }
}

/** Ends `span`, as an error unless `failure` is null. */
export const endSpan = (span: Span, failure: string | null): void => {
  if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  span.end();
};

/** As it travels. */
export const bytesOf = ({ traceId, spanId, traceFlags }: SpanContext): Uint8Array => {
  const bytes = new Uint8Array(25);
  bytes.set(Buffer.from(traceId, 'hex'), 0);
  bytes.set(Buffer.from(spanId, 'hex'), 16);
  bytes[24] = traceFlags & 0xff;
  return bytes;
};

/** From bytes that came with a request or in a frame. */
export const spanContextIn = (context: Uint8Array): SpanContext => {
  const hex = Buffer.from(context).toString('hex');
  return {
    traceId: hex.slice(0, 32),
    spanId: hex.slice(32, 48),
    traceFlags: context[24]!,
    isRemote: true,
  };
};
