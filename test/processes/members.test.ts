import { describe, expect, it } from 'vitest';
import type { ProcessCluster } from './process-cluster.ts';
import { until, useCluster } from './use-cluster.ts';
import { WritingLoad } from './writing-load.ts';

const { lines, start: startCluster, client, listed, readyz } = useCluster('members');
let cluster: ProcessCluster;

const start = async (size: number, spare: number): Promise<void> => {
  cluster = await startCluster({ size, spare });
};
const done = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await client(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const refused = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await client(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.match(/\n/g)).toHaveLength(1);
  return JSON.parse(stderr);
};

describe('real nodes whose members change', () => {
  it('join, vote, and replace a leader that is removed, while clients go on writing and lose nothing', async () => {
    await start(3, 1);
    const load = new WritingLoad(cluster.endpoints, 4);
    const written = async (more: number) => {
      const goal = load.acknowledged + more;
      await until(async () => load.acknowledged >= goal);
    };
    await written(50);
    cluster.join(4);
    await until(async () => (await readyz(4)).body.includes('is waiting to be added'));
    expect((await readyz(4)).body).toContain(`raft-client member add 4 --peer ${cluster.peerAddress(4)}`);
    expect(await done('member', 'add', '4', '--peer', cluster.peerAddress(4))).toMatch(/^OK changed index=/);
    expect(await done('member', 'add', '4', '--peer', cluster.peerAddress(4))).toMatch(
      /^OK unchanged index=/,
    );
    await until(async () => (await readyz(4)).status === 200);
    expect(await listed()).toMatchObject({ voters: [1, 2, 3], learners: [4], isCommitted: true });
    await written(50);
    expect(await done('member', 'promote', '4')).toMatch(/^OK changed/);
    expect(await listed()).toMatchObject({ voters: [1, 2, 3, 4], learners: [] });
    await written(50);

    const old = await cluster.leader();
    expect(await done('member', 'remove', `${old}`)).toMatch(/^OK changed/);
    await until(async () => (await readyz(old)).status === 503);
    expect((await readyz(old)).body).toContain(`node${old} was removed from the cluster`);
    const voters = [1, 2, 3, 4].filter((id) => id !== old);
    await until(async () => JSON.stringify((await listed()).voters) === JSON.stringify(voters));
    await written(100);

    // Everybody starts again from what is in the log, the flags of the first start notwithstanding.
    for (const { id } of cluster.members) await cluster.end(id, 'SIGKILL');
    for (const id of voters) {
      if (id === 4) cluster.join(4);
      else cluster.start(id);
    }
    await written(50);
    expect(await listed()).toMatchObject({ voters, learners: [] });
    await load.stop();
    expect(await load.missing()).toEqual([]);
    load.close();
    const told = lines.filter(({ line }) => line.msg === `node${old} was removed from the cluster`);
    expect(told.map(({ id }) => id)).toContain(old);
  }, 120_000);

  it('refuse what cannot be, in one line each, and give up on what does not get on', async () => {
    await start(3, 1);
    expect(await refused('member', 'promote', '7')).toMatchObject({ error: 'member_unknown' });
    expect(
      await refused('member', 'change', '--remove', '1', '--remove', '2', '--remove', '3'),
    ).toMatchObject({
      error: 'no_voter',
    });
    expect(await refused('member', 'promote', '1000')).toMatchObject({ error: 'usage' });
    expect(await refused('member', 'add', '4', '--peer', 'nowhere')).toMatchObject({ error: 'usage' });
    expect(await done('member', 'remove', '9', '-w', 'json')).toContain('"changed":false');
    const many = [4, 5, 6, 7, 8, 9, 10].flatMap((id) => ['--add', `${id}=127.0.0.1:1`]);
    expect(await refused('member', 'change', ...many)).toMatchObject({ error: 'too_many_members' });

    // At a wrong address nobody catches up.
    expect(await done('member', 'add', '4', '--peer', '127.0.0.1:1')).toMatch(/^OK changed/);
    expect(await refused('member', 'promote', '4')).toMatchObject({
      error: 'not_caught_up',
      message: expect.stringMatching(
        /did not catch up: node4 has 0 of \d+ entries \(it is not connected: start it, and try again\)$/,
      ),
    });
    cluster.join(4);
    await until(async () => (await readyz(4)).status !== 0);
    expect(await done('member', 'update', '4', '--peer', cluster.peerAddress(4))).toMatch(/^OK changed/);
    await until(async () => (await readyz(4)).status === 200);

    process.kill(cluster.pid(4), 'SIGSTOP');
    await done('put', 'x', '1');
    const promotion = refused('member', 'promote', '4', '--timeout', '500ms');
    // Nothing else is taken meanwhile, not even what would change nothing.
    await until(async () => (await client('member', 'remove', '9')).stderr.includes('"changing"'));
    expect(await promotion).toMatchObject({
      error: 'not_caught_up',
      message: expect.stringMatching(
        /did not catch up: node4 has \d+ of \d+ entries( \(it is not connected: start it, and try again\))?$/,
      ),
    });
    process.kill(cluster.pid(4), 'SIGCONT');
    await until(async () => (await readyz(4)).status === 200);
    expect(await done('member', 'promote', '4')).toMatch(/^OK changed/);
    expect(await done('member', 'demote', '4')).toMatch(/^OK changed/);
    expect(await listed()).toMatchObject({ voters: [1, 2, 3], learners: [4] });
    expect(await done('status')).toMatch(/node4 .* learner\n/);
    expect(await done('member', 'list')).toMatch(
      /^NODE +PART +PEER +CLIENT +MATCH\n(node\d .*\n){4}configuration \d+\n$/,
    );
  }, 120_000);

  it('let nobody join in the name of another', async () => {
    await start(3, 2);
    const join = ['--join', [1, 2, 3].map((id) => cluster.peerAddress(id)).join()];
    expect(cluster.refused(5, null, [...join, '--cluster-id', 'other'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('this node belongs to the cluster "raftchart", not "other"'),
    });
    expect(cluster.refused(5, [5], join).code).toBe(1);

    cluster.join(4);
    await done('member', 'add', '4', '--peer', cluster.peerAddress(4));
    await until(async () => (await readyz(4)).status === 200);
    await cluster.end(4, 'SIGTERM');
    expect(cluster.refused(4, [1, 2, 9])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('this node is started as one of 1,2,4'),
    });
  }, 120_000);
});
