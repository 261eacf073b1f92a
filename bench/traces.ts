import { statSync } from 'node:fs';
import { fetchStatus } from '../test/processes/process-cluster.ts';
import { comparePaired } from './paired-clusters.ts';

/** What `--trace-file` costs. */
await comparePaired({}, { traces: true }, async (cluster) => {
  const { commitIndex } = (await fetchStatus(cluster.founders[0]!.clientPort))!;
  const written = cluster.founders.map(({ id }) => statSync(cluster.traceOf(id)).size);
  console.log(
    `bytes of trace a write, each node: ${written.map((bytes) => (bytes / commitIndex).toFixed(0)).join(', ')}`,
  );
});
