import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { quantile } from './quantile.ts';
import type { LoadFigures, LoadRequests } from './wrk.ts';

/** The same load as wrk's from this process: slower, so that it is only a stand-in where wrk is missing. */
export const nodeLoad = async (
  endpoint: string,
  load: LoadRequests,
  connections: number,
  seconds: number,
): Promise<LoadFigures> => {
  const client = new KvHttpClient(connections);
  const latencies: number[] = [];
  let errors = 0;
  const started = performance.now();
  const end = started + seconds * 1000;
  const loops = Array.from({ length: connections }, async (_, loop) => {
    for (let at = loop; performance.now() < end; at++) {
      const { path, body } = load.requests[at % load.requests.length]!;
      const sent = performance.now();
      const reply = await client.send(load.method, endpoint, path, body).catch(() => null);
      if (reply?.status === 200) latencies.push(performance.now() - sent);
      else errors++;
    }
  });
  await Promise.all(loops);
  client.close();
  const elapsedMs = performance.now() - started;
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: (latencies.length / elapsedMs) * 1000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    errors,
  };
};
