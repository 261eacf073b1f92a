import { quantile } from './quantile.ts';

/** How many operations of a program were done, and how fast. */
export interface ProgramFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** So many loops do `work` for so long, each one thing after another. */
export const loops = async (
  count: number,
  seconds: number,
  work: (loop: number, at: number) => Promise<unknown>,
): Promise<ProgramFigures> => {
  const latencies: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: count }, async (_, loop) => {
      for (let at = 0; performance.now() < endMs; at++) {
        const sentMs = performance.now();
        await work(loop, at);
        latencies.push(performance.now() - sentMs);
      }
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
};
