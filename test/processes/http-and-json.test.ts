import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { KvHttpClient } from './kv-http-client.ts';
import { fetchStatus, type ProcessCluster } from './process-cluster.ts';
import { until, useCluster } from './use-cluster.ts';
import { LeaderSeeker, WritingLoad } from './writing-load.ts';

const { lines, start } = useCluster('http-json');
const flags = ['--transport', 'http', '--storage', 'json'];

const statusOf = (cluster: ProcessCluster, id: number) => fetchStatus(cluster.members[id - 1]!.clientPort);
const stateOf = (cluster: ProcessCluster, id: number) =>
  JSON.parse(readFileSync(`${cluster.dataDirOf(id)}/raft_state_${id}.json`, 'utf8'));
const others = (id: number) => [1, 2, 3].filter((each) => each !== id);

/** Posts to the peer port of node `to` in the name of node `from`, as with curl. */
const post = async (
  cluster: ProcessCluster,
  { from, to, clusterId = 'raftchart' }: { from: number; to: number; clusterId?: string },
  path: string,
  json: object,
) => {
  const response = await fetch(`http://${cluster.peerAddress(to)}${path}`, {
    method: 'POST',
    body: JSON.stringify(json),
    headers: {
      'raft-version': `${wireVersion}`,
      'raft-cluster': clusterId,
      'raft-from': `${from}`,
      'raft-to': `${to}`,
      'raft-incarnation': 'by-hand',
      'raft-log-id': `${from}`.repeat(32),
      'raft-start': '1',
      'raft-runs': '1:01234567',
      'raft-first-members': '1,2,3',
    },
  });
  return { status: response.status, json: await response.json() };
};
const vote = (candidate: number, term: number, lastLogIndex = 0, lastLogTerm = 0) => ({
  term,
  candidate_id: candidate,
  last_log_index: lastLogIndex,
  last_log_term: lastLogTerm,
});

it('a node answers requests by hand as in Figure 2, remembers its vote over a kill, and refuses another cluster', async () => {
  const cluster = await start({ size: 3, flags });
  await until(async () => stateOf(cluster, 1).log.length > 0 && stateOf(cluster, 1).peers.length === 2);
  for (const id of [1, 2, 3]) await cluster.end(id, 'SIGKILL');
  const { current_term: term, log } = stateOf(cluster, 1);
  const [last] = log.slice(-1);
  cluster.start(1);
  await until(async () => (await statusOf(cluster, 1)) !== null);

  // The disks of its peers are known: a request in the name of one of them comes from another disk.
  const stranger = await post(
    cluster,
    { from: 2, to: 1 },
    '/vote',
    vote(2, term + 10, last.index, last.term),
  );
  expect(stranger).toEqual({ status: 403, json: { error: expect.stringMatching(/disk/) } });
  const other = await post(cluster, { from: 2, to: 1, clusterId: 'other' }, '/vote', vote(2, term + 10));
  expect(other).toEqual({
    status: 403,
    json: { error: 'this node belongs to the cluster "raftchart", not "other"' },
  });
  expect(await post(cluster, { from: 2, to: 1 }, '/vote', {})).toMatchObject({ status: 400 });
  expect((await statusOf(cluster, 1))!.term).toBe(term);
  expect(stateOf(cluster, 1)).toMatchObject({ current_term: term });

  // Forget them, as nobody should but who wants to see a vote by hand.
  await cluster.end(1, 'SIGKILL');
  const file = `${cluster.dataDirOf(1)}/raft_state_1.json`;
  const text = readFileSync(file, 'utf8').replace(/"peers": \[[^\]]*\]/, '"peers": []');
  writeFileSync(file, text);
  const { code, stderr } = cluster.refused(1);
  expect([code, stderr.trim().split('\n')]).toEqual([
    4,
    [expect.stringMatching(/raft_state_1\.json: it does not match its checksum/)],
  ]);
  const [, needed] = /needs "crc32": (\d+)/.exec(stderr)!;
  writeFileSync(file, text.replace(/"crc32": \d+/, `"crc32": ${needed}`));
  cluster.start(1);
  await until(async () => (await statusOf(cluster, 1)) !== null);

  const at = (from: number) => ({ from, to: 1 });
  expect(await post(cluster, at(2), '/vote', vote(2, term + 10, last.index, last.term))).toEqual({
    status: 200,
    json: { term: term + 10, vote_granted: true },
  });
  expect(stateOf(cluster, 1)).toMatchObject({ current_term: term + 10, voted_for: 2 });
  await cluster.end(1, 'SIGKILL');
  cluster.start(1);
  await until(async () => (await statusOf(cluster, 1)) !== null);
  // The same term, another candidate: the votes are split. An older log, an older term: refused.
  for (const [asked, answer] of [
    [vote(3, term + 10, last.index + 1, term + 9), term + 10],
    [vote(3, term + 11), term + 11],
    [vote(3, term + 5, last.index, last.term), term + 11],
  ] as const) {
    expect(await post(cluster, at(3), '/vote', asked)).toEqual({
      status: 200,
      json: { term: answer, vote_granted: false },
    });
  }
  const heartbeat = {
    term: term + 12,
    leader_id: 2,
    prev_log_index: last.index,
    prev_log_term: last.term,
    entries: [{ term: term + 12, kind: 'noop' }],
    leader_commit: 0,
  };
  expect(await post(cluster, at(2), '/heartbeat', heartbeat)).toEqual({
    status: 200,
    json: expect.objectContaining({ term: term + 12, success: true, match_index: last.index + 1 }),
  });
  expect(stateOf(cluster, 1).log.at(-1)).toEqual({ index: last.index + 1, term: term + 12, kind: 'noop' });
}, 60_000);

it('a leader that was stopped steps down when it goes on, and what was acknowledged meanwhile stays', async () => {
  const cluster = await start({ size: 3, flags });
  const client = new KvHttpClient(1);
  const old = await cluster.leader();
  process.kill(cluster.pid(old), 'SIGSTOP');
  const seeker = new LeaderSeeker(
    client,
    others(old).map((id) => cluster.endpoints[id - 1]!),
  );
  await seeker.insist('PUT', '/v1/kv/x', 'new');
  process.kill(cluster.pid(old), 'SIGCONT');
  await until(async () => {
    const status = (await statusOf(cluster, old))!;
    return status.role === 'follower' && others(old).includes(status.leader!);
  });
  await until(async () => (await client.send('GET', cluster.endpoints[old - 1]!, '/v1/kv/x')).body === 'new');
  client.close();
}, 60_000);

it('candidates with the same election timeout split the vote, and one of them wins in the end', async () => {
  const cluster = await start({ size: 3, flags: [...flags, '--election-timeout', '200-201'] });
  const old = await cluster.leader();
  await cluster.end(old, 'SIGKILL');
  const leader = await cluster.leader();
  expect(leader).not.toBe(old);
  cluster.start(old);
  await until(async () => (await statusOf(cluster, old))?.leader === leader);
}, 60_000);

it('a follower that misses the heartbeats of a second under load comes back, and nothing acknowledged is lost', async () => {
  const cluster = await start({ size: 3, flags });
  const load = new WritingLoad(cluster.endpoints, 8);
  const follower = others(await cluster.leader())[0]!;
  process.kill(cluster.pid(follower), 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.kill(cluster.pid(follower), 'SIGCONT');
  const before = load.acknowledged;
  await until(async () => load.acknowledged > before + 50);
  await load.stop();
  expect(await load.missing()).toEqual([]);
  load.close();
  const leader = await cluster.leader();
  await until(async () => {
    const [one, two] = [await statusOf(cluster, follower), await statusOf(cluster, leader)];
    return one!.commitIndex === two!.commitIndex;
  });
}, 60_000);

it('a node never starts beside what it stored in another way, nor hears one that speaks otherwise', async () => {
  const cluster = await start({ size: 3, flags });
  await cluster.end(3, 'SIGTERM');
  const { code, stderr } = cluster.refused(3, undefined, ['--storage', 'wal']);
  expect([code, stderr.trim()]).toEqual([
    4,
    `node3 has a state as JSON in ${cluster.dataDirOf(3)}: start it with --storage json, or name another --data-dir`,
  ]);
  lines.length = 0;
  cluster.start(3, null, ['--transport', 'tcp']);
  const told = (id: number) =>
    lines.some((each) => each.id === id && /does not speak HTTP/.test(String(each.line.msg)));
  await until(async () => told(1) && told(2));
}, 60_000);
