/**
 * Writes many keys at once to a running cluster, by frames: on one connection to each node instead of one for each request that is under way.
 *
 *   npx raftchart cluster
 *   node examples/many-writes.ts http://127.0.0.1:8001
 */
import { createClient } from 'raftchart/client';
import { Frames } from 'raftchart/client-frames';

const frames = new Frames();
const client = createClient({ endpoints: [process.argv[2] ?? 'http://127.0.0.1:8001'], fetch: frames.fetch });

const names = Array.from({ length: 1000 }, (_, at) => `example/many/${at}`);
const written = await Promise.all(names.map((name) => client.put(name, 'here')));
console.log(`${written.filter(({ isDone }) => isDone).length} written`);
console.log(`${await client.count({ prefix: 'example/many/' })} there`);
console.log(`${await client.deleteAll({ prefix: 'example/many/' })} deleted`);

client.close();
frames.close();
