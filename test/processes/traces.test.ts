import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openTraces } from '../../src/cli/validate/open-traces.ts';
import { validateTraces } from '../../src/verify/validate/validate-traces.ts';
import type { ProcessCluster } from './process-cluster.ts';
import { useCluster } from './use-cluster.ts';
import { WritingLoad } from './writing-load.ts';

/** The longer form: `TRACES=20 npx vitest run test/processes/traces.test.ts`. */
const runs = Number(process.env.TRACES ?? 1);

const { start } = useCluster('traces');

const validated = (cluster: ProcessCluster) =>
  validateTraces(openTraces(cluster.founders.map(({ id }) => cluster.traceOf(id))));

it.each(Array.from({ length: runs }, (_, at) => at + 1))(
  'what running nodes write is accepted, whether they are killed, stopped or cut off in the middle of a line (%i)',
  async (run) => {
    const cluster = await start({
      size: run % 2 === 1 ? 3 : 5,
      traces: true,
      // Snapshots are taken, and some of the nodes that come back are sent one.
      flags: ['--log-level', 'warn', '--snapshot-entries', '150', '--trailing-entries', '20'],
    });
    const load = new WritingLoad(cluster.endpoints, 8);
    for (const [at, signal] of (['SIGKILL', 'SIGTERM', 'SIGKILL'] as const).entries()) {
      const goal = 200 * (at + 1);
      while (load.acknowledged < goal) await new Promise((resolve) => setTimeout(resolve, 5));
      const leader = await cluster.leader();
      await cluster.end(leader, signal);
      // As a kill in the middle of a write leaves it.
      if (signal === 'SIGKILL') appendFileSync(cluster.traceOf(leader), '{"atMs":17');
      await cluster.leader();
      cluster.start(leader);
    }
    while (load.acknowledged < 800) await new Promise((resolve) => setTimeout(resolve, 5));
    await load.stop();
    load.close();
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    for (const { id } of cluster.founders) await cluster.end(id, 'SIGTERM');

    const { rejected, figures } = validated(cluster);
    expect(rejected).toBeNull();
    expect(figures.runs).toBe(cluster.founders.length + 3);
    expect(figures.steps).toBeGreaterThan(1000);
    expect(figures.unreplayed).toBe(0);
    // Briefly: not what clients wrote.
    const [first] = cluster.founders;
    const perStep = statSync(cluster.traceOf(first!.id)).size / figures.steps;
    expect(perStep).toBeLessThan(2000);
    expect(readFileSync(cluster.traceOf(first!.id), 'utf8')).not.toMatch(/\n\n/);
  },
  120_000,
);

it('a trace that cannot be written is a reason not to start, in one line', async () => {
  const cluster = await start({ size: 1 });
  await cluster.end(1, 'SIGTERM');
  const refused = (path: string) => cluster.refused(1, [1], ['--trace-file', path]);
  expect(refused('/nowhere/trace')).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^cannot write a trace to \/nowhere\/trace: ENOENT.*\n$/),
  });
  const precious = `${cluster.traceOf(1)}.txt`;
  writeFileSync(precious, 'dear diary');
  expect(refused(precious)).toEqual({
    code: 1,
    stderr: `cannot write a trace to ${precious}: the file is there, and is no trace; name another one\n`,
  });
  expect(readFileSync(precious, 'utf8')).toBe('dear diary');
  expect(refused('/dev/full').stderr).toBe(
    'cannot write a trace to /dev/full: it is not a regular file; name one\n',
  );
}, 60_000);
