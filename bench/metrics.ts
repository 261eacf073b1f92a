import { comparePaired, processorMs } from './paired-clusters.ts';
import { quantile } from './quantile.ts';

/** What it costs to be measured, and what a scrape of all three nodes costs beside. The goal: less than 3 % of the writes. */
const scrapes = Number(process.env.SCRAPES ?? 200);

await comparePaired({ flags: ['--metrics', 'off'] }, {}, async (cluster) => {
  const scrape = async (): Promise<string> => {
    const texts = cluster.endpoints.map(async (endpoint) =>
      (await fetch(`http://${endpoint}/metrics`)).text(),
    );
    return (await Promise.all(texts))[0]!;
  };
  const text = await scrape();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const before = processorMs(cluster);
  const latencies: number[] = [];
  for (let at = 0; at < scrapes; at++) {
    const startMs = performance.now();
    await scrape();
    latencies.push(performance.now() - startMs);
  }
  const cpuMs = (processorMs(cluster) - before) / scrapes / cluster.founders.length;
  latencies.sort((a, b) => a - b);
  console.log(
    `a scrape: ${series} series, ${(text.length / 1024).toFixed(0)} KiB, ${cpuMs.toFixed(1)} ms of processor time; ` +
      `all three nodes at once answer within ${quantile(latencies, 0.5).toFixed(1)} ms (p50), ${quantile(latencies, 0.99).toFixed(1)} ms (p99) of ${scrapes}`,
  );
});
