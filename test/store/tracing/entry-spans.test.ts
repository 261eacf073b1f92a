import { type Context, ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import type { AppendEntries, AppendEntriesResponse } from '../../../src/raft/messages.ts';
import type { Entry } from '../../../src/raft/types.ts';
import { EntrySpans } from '../../../src/store/tracing/entry-spans.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';
import { appendEntries, appendResponse } from '../../raft/contexts.ts';

const setUp = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const clock = new VirtualClock();
  const spans = new EntrySpans(provider.getTracer('test'), clock);
  /** What has ended, and why it failed if it did. */
  const ended = () =>
    exporter
      .getFinishedSpans()
      .map(({ name, status }) =>
        status.code === SpanStatusCode.ERROR ? `${name}: ${status.message}` : name,
      );
  return { exporter, clock, spans, ended };
};

const entryOf = (term: number, payload = new Uint8Array(3)): Entry => ({ term, kind: 'command', payload });
const append = (to: number, prevLogIndex: number, entries: readonly Entry[]): AppendEntries =>
  appendEntries({ from: 1, to, term: 1, prevLogIndex, prevLogTerm: 1, entries });
const answer = (from: number, to: number, matchIndex: number): AppendEntriesResponse =>
  appendResponse({ from, to, term: 1, matchIndex });
const hardState = { currentTerm: 1, votedFor: null };

/** A leader that has appended a traced command at index 5. */
const leading = (under: Context = ROOT_CONTEXT) => {
  const made = setUp();
  const entry = entryOf(1);
  const proposal = made.spans.proposed(entry.payload, under)!;
  made.spans.appended({ hardState, firstIndex: 5, entries: [entry] });
  return { ...made, entry, proposal };
};

describe('the spans of an entry', () => {
  it('end on a leader as it is synced, committed, acknowledged and applied, and nothing is kept', () => {
    const { spans, ended, entry, proposal } = leading();
    spans.leaving(append(2, 4, [entry]));
    const synced = spans.syncing()!;
    expect(ended()).toEqual([]);
    synced(null);
    expect(ended()).toEqual(['raft.append']);
    spans.committed(4);
    spans.answered(answer(2, 1, 4));
    expect(ended()).toEqual(['raft.append']);
    spans.committed(5);
    spans.applying(5, 1)!();
    spans.settled(entry.payload, proposal, null);
    expect(spans.isIdle).toBe(false);
    spans.answered(answer(2, 1, 5));
    expect(ended().slice(1)).toEqual(['raft.commit', 'raft.apply', 'raft.propose', 'raft.replicate']);
    expect(spans.isIdle).toBe(true);
  });

  it('go on at a follower below the one that sent the entry, and at whoever the follower sends it to', () => {
    const leader = leading();
    const [sent] = leader.spans.leaving(append(2, 4, [leader.entry]));
    const follower = setUp();
    const received = append(2, 4, [entryOf(1)]);
    follower.spans.arrived(received, [sent!]);
    follower.spans.appended({ hardState, firstIndex: 5, entries: received.entries });
    follower.spans.syncing()!(null);
    follower.spans.answering(answer(2, 1, 5));
    // It has become the leader, and knows an entry of a trace.
    const [again] = follower.spans.leaving(append(3, 4, received.entries));
    expect(again!.context.subarray(0, 16)).toEqual(sent!.context.subarray(0, 16));
    follower.spans.applying(5, 1)!();
    follower.spans.answered(answer(3, 2, 5));
    expect(follower.ended()).toEqual(['raft.append', 'raft.receive', 'raft.apply', 'raft.replicate']);
    const [appended, receipt] = follower.exporter.getFinishedSpans();
    expect(Buffer.from(sent!.context.subarray(16, 24)).toString('hex')).toBe(
      receipt!.parentSpanContext?.spanId,
    );
    expect(appended!.parentSpanContext?.spanId).toBe(receipt!.spanContext().spanId);
    expect(follower.spans.isIdle).toBe(true);
  });

  it('are sent again under the same span', () => {
    const { spans, entry } = leading();
    const message = append(2, 4, [entry]);
    expect(spans.leaving(message)).toEqual(spans.leaving(message));
    expect(spans.leaving(append(3, 4, [entry]))).not.toEqual(spans.leaving(message));
  });

  it('of a failed sync ends as an error', () => {
    const { spans, ended } = leading();
    spans.syncing()!('the disk is full');
    expect(ended()).toEqual(['raft.append: the disk is full']);
  });

  it('end as errors where the leader is deposed, the disk apart', () => {
    const { spans, ended, entry } = leading();
    spans.leaving(append(2, 4, [entry]));
    spans.deposed();
    expect(ended()).toEqual([
      'raft.commit: the node no longer leads',
      'raft.replicate: the node no longer leads',
    ]);
    spans.syncing()!(null);
    expect(ended().at(-1)).toBe('raft.append');
  });

  it('end as errors where another entry takes the place', () => {
    const { spans, ended } = leading();
    spans.appended({ hardState, firstIndex: 5, entries: [entryOf(2)] });
    const reason = 'the entry was replaced by another leader';
    expect(ended()).toEqual([`raft.commit: ${reason}`, `raft.append: ${reason}`]);
    expect(spans.isIdle).toBe(true);
  });

  it('end as errors after some seconds in which nothing comes', () => {
    const { spans, ended, clock } = leading();
    clock.advance(9000);
    expect(ended()).toEqual([]);
    clock.advance(6000);
    const reason = 'it did not end within 10 s';
    expect(ended()).toEqual([`raft.commit: ${reason}`, `raft.append: ${reason}`]);
    expect(spans.isIdle).toBe(true);
  });

  it('end as errors when the node stops, proposals as well', () => {
    const { spans, ended } = leading();
    spans.proposed(new Uint8Array(1), ROOT_CONTEXT);
    spans.close();
    expect(ended().filter((each) => each.endsWith(': the node has stopped'))).toHaveLength(4);
  });

  it('of the oldest make room: there are never more than 4096 entries', () => {
    const { spans, ended } = setUp();
    for (let index = 1; index <= 4100; index++) {
      const entry = entryOf(1);
      spans.proposed(entry.payload, ROOT_CONTEXT);
      spans.appended({ hardState, firstIndex: index, entries: [entry] });
    }
    expect(ended()).toHaveLength(8);
    expect(ended()[0]).toBe('raft.commit: too many entries are traced at once');
  });
});
