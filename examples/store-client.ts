/**
 * A program that uses a running cluster: a job that one of many workers does at a time.
 *
 *   npx raftchart cluster
 *   node examples/store-client.ts http://127.0.0.1:8001
 */
import { createClient } from 'raftchart/client';

const client = createClient({ endpoints: [process.argv[2] ?? 'http://127.0.0.1:8001'] });

// Read, change, and write only if nobody else has written meanwhile.
await client.put('example/visits', '0', { ifRevision: 0 });
for (;;) {
  const visits = await client.get('example/visits');
  if (visits === null) throw new Error('somebody has deleted example/visits');
  const next = String(Number(visits.text()) + 1);
  const { isDone } = await client.put('example/visits', next, { ifRevision: visits.modRevision });
  if (!isDone) continue;
  console.log(`visit ${next}`);
  break;
}

// List, and follow from there: nothing is missed in between.
const { pairs, revision } = await client.page({ prefix: 'example/jobs/' });
console.log(`${pairs.length} jobs are left from before`);
const seen = (async () => {
  for await (const event of client.watch({ prefix: 'example/jobs/' }, { from: revision + 1 })) {
    console.log(event.type === 'put' ? `added: ${event.pair.text()}` : 'taken');
    if (event.type === 'delete') return;
  }
})();

// A queue, and a lock whose token what it protects can check.
const jobs = client.queue('example/jobs');
await jobs.add('sweep the floor');
const lock = await client.lock('example/broom', { ttlSeconds: 10 });
const job = await jobs.poll();
console.log(`${lock.token > 0 ? 'with the broom' : ''}: ${job?.text()}`);
await lock.release();
await seen;
client.close();
