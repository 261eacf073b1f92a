import { quantile } from './quantile.ts';

/** How many operations of a program were done, and how fast. */
interface ProgramFigures {
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

/**
 * Prints how two kinds of writes compare with 1, 16, 64 and 256 under way at once: in rounds by turns, of each the median one, and the ratio of their rates. A first round of each does
 * not count: both start cold.
 */
export const compareRounds = async <Kind extends string>(
  kinds: readonly [over: Kind, under: Kind],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  put: (kind: Kind, key: string) => Promise<unknown>,
): Promise<void> => {
  const [over, under] = kinds;
  const round = (kind: Kind, count: number): Promise<ProgramFigures> =>
    loops(count, seconds, (loop, at) => put(kind, `key${(loop * 7919 + at) % 1000}`));
  for (const kind of kinds) await round(kind, 64);
  for (const count of [1, 16, 64, 256]) {
    const found = new Map(kinds.map((kind): [Kind, ProgramFigures[]] => [kind, []]));
    for (let at = 0; at < rounds; at++)
      for (const kind of kinds) found.get(kind)!.push(await round(kind, count));
    const median = (kind: Kind): ProgramFigures =>
      found.get(kind)!.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds / 2)]!;
    for (const kind of kinds) {
      const { perSecond, p50Ms, p99Ms } = median(kind);
      console.log(
        `${String(count).padStart(4)} at once  ${kind.padEnd(9)} ${perSecond.toFixed(0).padStart(6)} writes/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`,
      );
    }
    const ratio = median(over).perSecond / median(under).perSecond;
    console.log(`${' '.repeat(14)}${over} / ${under} = ${ratio.toFixed(2)}`);
  }
};
