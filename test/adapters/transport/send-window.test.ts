import { describe, expect, it } from 'vitest';
import { SendWindow } from '../../../src/adapters/transport/tcp/send-window.ts';

/** A path that carries `bytesPerMs`, first in, first out, and confirms each piece when it has arrived. It always has more to send. */
const pathOf = (bytesPerMs: number, firstLatencyMs: number) => {
  let latencyMs = firstLatencyMs;
  let nowMs = 0;
  let freeMs = 0;
  const window = new SendWindow(() => nowMs);
  const flying: { readonly bytes: number; readonly atMs: number }[] = [];
  const fill = (): void => {
    while (window.room > 0) {
      const bytes = window.pieceBytes;
      window.sent(bytes);
      freeMs = Math.max(freeMs, nowMs) + bytes / bytesPerMs;
      flying.push({ bytes, atMs: freeMs + 2 * latencyMs });
    }
  };
  return {
    window,
    /** As when another route is taken, or the other side is busy. */
    slowDown: (toMs: number): void => {
      latencyMs = toMs;
    },
    /** How long something that is sent last would wait behind what is under way. */
    delayMs: () => Math.max(0, freeMs - nowMs),
    run: (untilMs: number): number => {
      let confirmed = 0;
      for (fill(); flying[0]!.atMs <= untilMs; fill()) {
        const { bytes, atMs } = flying.shift()!;
        nowMs = atMs;
        confirmed += bytes;
        expect(window.confirm(bytes)).toBe(true);
      }
      return confirmed;
    },
  };
};

describe('the send window', () => {
  it.each([
    [125, 5],
    [2500, 5],
    [2500, 100],
  ])('keeps a path of %d bytes per ms and %d ms busy, with little waiting in it', (bytesPerMs, latencyMs) => {
    const path = pathOf(bytesPerMs, latencyMs);
    path.run(3000);
    expect(path.delayMs()).toBeLessThan(130);
    expect(path.run(13_000)).toBeGreaterThan(0.85 * 10_000 * bytesPerMs);
    expect(path.delayMs()).toBeLessThan(130);
  });

  it.each([
    [5, 50],
    [5, 30],
    [0.1, 30],
  ])('keeps a path busy that has become longer, from %d to %d ms', (beforeMs, afterMs) => {
    const path = pathOf(12_500, beforeMs);
    path.run(3000);
    path.slowDown(afterMs);
    path.run(8000);
    expect(path.run(18_000)).toBeGreaterThan(0.85 * 10_000 * 12_500);
  });

  it('does not grow by confirmations while nothing has to wait', () => {
    const window = new SendWindow(() => 0);
    const before = window.room;
    for (let i = 0; i < 100; i++) {
      window.sent(100);
      window.confirm(100);
    }
    expect(window.room).toBe(before);
  });

  it('takes no confirmation of what was not sent', () => {
    const window = new SendWindow(() => 0);
    window.sent(100);
    expect([window.confirm(101), window.confirm(100), window.confirm(1)]).toEqual([false, true, false]);
  });
});
