import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fetchStatus, type ProcessCluster } from './process-cluster.ts';
import { clientProgram, until, useCluster } from './use-cluster.ts';
import { WritingLoad } from './writing-load.ts';

const { lines, start: startCluster, client, listed, readyz } = useCluster('replace');
let cluster: ProcessCluster;

const start = async (flags: readonly string[] = []): Promise<void> => {
  cluster = await startCluster({ size: 3, flags });
};
const portOf = (id: number) => cluster.members[id - 1]!.clientPort;
const isReady = (id: number) => async () => (await readyz(id)).status === 200;
const isRefused = (id: number) => async () => {
  const { status, body } = await readyz(id);
  return status === 503 && body.includes('"error":"refused"');
};
const written = async (load: WritingLoad, more: number) => {
  const goal = load.acknowledged + more;
  await until(async () => load.acknowledged >= goal);
};
/** Node `id` loses its disk, and starts on an empty one. */
const loseDisk = async (id: number, how: 'peers' | 'join'): Promise<void> => {
  // A disk that nobody has met is nobody's.
  for (const member of cluster.members.filter((each) => each.id !== id)) {
    await until(async () =>
      (await fetchStatus(member.clientPort))!.peers.some((peer) => peer.id === id && peer.link === 'open'),
    );
  }
  await cluster.end(id, 'SIGKILL');
  rmSync(cluster.dataDirOf(id), { recursive: true });
  if (how === 'peers') cluster.start(id);
  else cluster.join(id);
  await until(isRefused(id));
};
/** A follower, and the other one. */
const followers = async (): Promise<readonly [number, number]> => {
  const leader = await cluster.leader();
  const [first, second] = cluster.members.map(({ id }) => id).filter((id) => id !== leader);
  return [first!, second!];
};

describe('a node that has lost its disk', () => {
  it.each(['peers', 'join'] as const)(
    'is replaced by itself on an empty one, started with --%s, while clients write: it votes again, and nothing is lost (field bug F1)',
    async (how) => {
      await start();
      const load = new WritingLoad(cluster.endpoints, 4);
      await written(load, 50);
      const [lost, other] = await followers();
      expect(await client('member', 'replace', `${lost}`)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^\{"error":"no_other_disk","message":"node\d has not come with[^\n]*\n$/,
        ),
      });
      await loseDisk(lost, how);
      const { body } = await readyz(lost);
      expect(body).toMatch(
        new RegExp(`node${lost} is on another disk: .*raft-client member replace ${lost}"`),
      );
      await written(load, 50);
      // Nobody hears it: it campaigns in no term.
      expect((await fetchStatus(portOf(lost)))?.term).toBe(0);

      expect(await client('member', 'replace', `${lost}`)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^OK changed index=\d+\n$/),
        stderr: '',
      });
      await until(isReady(lost));
      const members = await listed();
      expect(members).toMatchObject({ voters: [1, 2, 3], learners: [], isCommitted: true });
      expect(members.members[lost].logId).toMatch(/^[0-9a-f]{32}$/);
      expect(await client('member', 'replace', `${lost}`)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^OK unchanged/),
      });

      // From now on its vote is needed, and enough.
      await cluster.end(other, 'SIGKILL');
      await written(load, 50);
      cluster.start(other);
      await until(isReady(other));
      const leader = await cluster.leader();
      await cluster.end(leader, 'SIGKILL');
      await written(load, 50);
      cluster.start(leader);
      for (const id of [1, 2, 3]) await cluster.end(id, 'SIGKILL');
      for (const id of [1, 2, 3]) cluster.start(id, id === lost && how === 'join' ? null : [1, 2, 3]);
      await written(load, 50);
      for (const id of [1, 2, 3]) await until(isReady(id));
      await load.stop();
      expect(await load.missing()).toEqual([]);
      load.close();
    },
    120_000,
  );

  it('is replaced by whoever leads next, where the leader is killed on the way, and again after that', async () => {
    await start();
    const load = new WritingLoad(cluster.endpoints, 2);
    await written(load, 20);
    const [lost] = await followers();
    await loseDisk(lost, 'peers');
    const first = await cluster.leader();
    const replaced = client('member', 'replace', `${lost}`, '--timeout', '15s');
    await until(async () => (await listed()).learners.includes(lost) || !(await isRefused(lost)()));
    await cluster.end(first, 'SIGKILL');
    // Without it the two others are no majority of those who have to agree, until it is back.
    await new Promise((resolve) => setTimeout(resolve, 500));
    cluster.start(first);
    expect(await replaced).toMatchObject({ code: 0 });
    expect(await client('member', 'replace', `${lost}`)).toMatchObject({ code: 0 });
    expect(await listed()).toMatchObject({ voters: [1, 2, 3], learners: [] });
    await until(isReady(lost));
    await written(load, 20);
    await load.stop();
    expect(await load.missing()).toEqual([]);
    load.close();
  }, 120_000);

  it('is replaced where the client is killed on the way, and another one asks again', async () => {
    await start();
    const [lost] = await followers();
    await loseDisk(lost, 'join');
    await cluster.end(lost, 'SIGKILL');
    const endpoints = cluster.endpoints.join();
    const child = spawn(
      process.execPath,
      [clientProgram, 'member', 'replace', `${lost}`, '--endpoints', endpoints],
      { stdio: 'ignore' },
    );
    await until(async () => (await listed()).learners.includes(lost));
    child.kill('SIGKILL');
    cluster.start(lost, null);
    expect(await client('member', 'replace', `${lost}`)).toMatchObject({ code: 0 });
    expect(await listed()).toMatchObject({ voters: [1, 2, 3], learners: [] });
    expect((await listed()).members[lost]).not.toHaveProperty('wasVoter');
    await until(isReady(lost));
  }, 120_000);
});

describe('--exit-when-removed', () => {
  it('ends a node that is removed, the leader included, with exit code 0 and one line', async () => {
    await start(['--exit-when-removed']);
    const leader = await cluster.leader();
    const child = cluster.members[leader - 1]!.process!;
    const ended = once(child, 'exit');
    expect(await client('member', 'remove', `${leader}`)).toMatchObject({ code: 0 });
    expect((await ended)[0]).toBe(0);
    cluster.members[leader - 1]!.process = null;
    const told = lines.filter(({ id, line }) => id === leader && String(line.msg).startsWith('stops: '));
    expect(told.map(({ line }) => line.msg)).toEqual([`stops: node${leader} was removed from the cluster`]);
    // Started again by a unit file that knows no better.
    expect(cluster.refused(leader).code).toBe(0);
    const next = await cluster.leader();
    expect(next).not.toBe(leader);
    expect(cluster.refused(2, [1, 3], ['--exit-when-removed', 'maybe'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]*--exit-when-removed[^\n]*\n$/),
    });
  }, 60_000);
});
