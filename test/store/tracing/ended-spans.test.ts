import { TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { EndedSpans } from '../../../src/store/tracing/ended-spans.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

const setUp = () => {
  const clock = new VirtualClock();
  /** When, and how many spans. */
  const posted: (readonly [number, number])[] = [];
  const lost: number[] = [];
  const spans = new EndedSpans({
    post: (batch) => posted.push([clock.now(), batch.length]),
    tellLost: (_, count) => lost.push(count),
    clock,
  });
  const tracer = new TracerProvider({ spanProcessors: [spans] }).getTracer('test');
  const end = (count = 1): void => {
    for (let at = 0; at < count; at++) tracer.startSpan('put').end();
  };
  return { clock, posted, lost, spans, end };
};

describe('ended spans', () => {
  it('are handed over a second after the first one, and then at least five seconds apart', () => {
    const { clock, posted, end } = setUp();
    end(2);
    clock.advance(999);
    expect(posted).toEqual([]);
    clock.advance(501);
    end();
    clock.advance(4000);
    end();
    clock.advance(10_000);
    end();
    clock.advance(2000);
    expect(posted).toEqual([
      [1000, 2],
      [6000, 2],
      [16_500, 1],
    ]);
  });

  it('are handed over at once where 2048 of them wait', () => {
    const { posted, end } = setUp();
    end(2047);
    expect(posted).toEqual([]);
    end(2050);
    expect(posted).toEqual([
      [0, 2048],
      [0, 2048],
    ]);
  });

  it('are lost and counted while 8192 wait for the collector, until it has taken some', () => {
    const { clock, posted, lost, spans, end } = setUp();
    end(8192 + 7);
    clock.advance(5000);
    expect(posted).toHaveLength(4);
    expect(lost).toEqual([7]);
    spans.taken(2048);
    end(10);
    clock.advance(5000);
    expect(posted.at(-1)![1]).toBe(10);
    expect(lost).toEqual([7]);
  });

  it('are not kept after the exporter has ended', () => {
    const { clock, posted, spans, end } = setUp();
    end();
    spans.refuse();
    end();
    clock.advance(10_000);
    spans.flush();
    expect(posted).toEqual([]);
  });
});
