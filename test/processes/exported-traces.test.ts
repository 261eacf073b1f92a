import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { etcdTraceSchema } from '../verify/validate/etcd-schema.ts';
import { useCluster } from './use-cluster.ts';

const program = fileURLToPath(new URL('../../src/cli/raftchart.ts', import.meta.url));

const { start, client } = useCluster('exported');

it("traces of running nodes are exported as etcd's specification reads them, a restart included", async () => {
  const cluster = await start({ size: 3, traces: true, flags: ['--log-level', 'warn'] });
  for (let at = 0; at < 5; at++) expect((await client('put', 'x', `${at}`)).code).toBe(0);
  const leader = await cluster.leader();
  await cluster.end(leader, 'SIGTERM');
  cluster.start(leader);
  await cluster.leader();
  expect((await client('put', 'y', '1')).code).toBe(0);
  for (const { id } of cluster.founders) await cluster.end(id, 'SIGTERM');

  const traces = cluster.founders.map(({ id }) => cluster.traceOf(id));
  const exported = join(cluster.dataDirOf(1), 'exported.ndjson');
  const raftchart = (...words: readonly string[]) =>
    spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
  const told = raftchart('validate', ...traces, '--export', exported, '--format', 'etcd-persist');
  expect(told).toMatchObject({ status: 0, stderr: '' });
  const text = readFileSync(exported, 'utf8');
  for (const line of text.slice(0, -1).split('\n')) v.parse(etcdTraceSchema, JSON.parse(line));
  expect(raftchart('validate', exported)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^accepted: \d+ events of 3 nodes replayed\n$/),
  });
}, 60_000);
