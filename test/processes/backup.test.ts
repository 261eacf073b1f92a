import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KvHttpClient } from './kv-http-client.ts';
import { fetchStatus, type LogLine, ProcessCluster } from './process-cluster.ts';
import { clientProgram, until } from './use-cluster.ts';

const chartProgram = fileURLToPath(new URL('../../src/cli/raftchart.ts', import.meta.url));

const run = (program: string, ...args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

let folder: string;
const clusters: ProcessCluster[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-backup-'));
});
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Writers that put a few keys all at once, and remember which write stands where in the log. */
class IndexedLoad {
  readonly writes: { readonly index: number; readonly key: string; readonly value: string }[] = [];
  readonly #client = new KvHttpClient(8);
  readonly #writers: Promise<void>[];
  #isStopping = false;

  constructor(endpoint: string, writers: number) {
    this.#writers = Array.from({ length: writers }, (_, writer) => this.#write(endpoint, writer));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#writers);
    this.#client.close();
  }

  /** What the keys held after entry `index`. */
  stateAt(index: number): Map<string, string> {
    const writes = this.writes.filter((write) => write.index <= index).sort((a, b) => a.index - b.index);
    return new Map(writes.map(({ key, value }) => [key, value]));
  }

  async #write(endpoint: string, writer: number): Promise<void> {
    for (let at = 0; !this.#isStopping; at++) {
      const key = `k${(at * 7 + writer) % 40}`;
      const value = `${writer}:${at}:${'x'.repeat((at * 37) % 2000)}`;
      const { status, body } = await this.#client.send('PUT', endpoint, `/v1/kv/${key}`, value);
      // Nobody fails here: a write without a place would make the history useless.
      if (status !== 200) throw new Error(`put ${key}: ${status} ${body}`);
      this.writes.push({ index: (JSON.parse(body) as { index: number }).index, key, value });
    }
  }
}

/** Steady, also on a machine that is busy. */
const patient = ['--election-timeout', '1000-2000'];

/** What the keys hold, read linearizably from one node. */
const stateOf = async (endpoint: string, keys: Iterable<string>): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const key of keys) {
    const response = await fetch(`http://${endpoint}/v1/kv/${key}`);
    if (response.status === 200) found.set(key, await response.text());
    else expect(response.status).toBe(404);
  }
  return found;
};

const allKeys = Array.from({ length: 41 }, (_, at) => `k${at}`);

/** A new cluster in place of `old`, at the same addresses, each node restored from `source`; none of them runs. */
const restored = async (
  source: readonly string[],
  old: ProcessCluster,
  onLog: (id: number, line: LogLine) => void = () => {},
) => {
  const options = { size: 3, dataDir: join(folder, 'new'), onLog };
  const members = old.members.map((member) => ({ ...member, process: null }));
  const dataDirOf = (id: number) => ProcessCluster.of(options, members).dataDirOf(id);
  let clusterId = '';
  for (const { id } of members) {
    const others = members.filter((member) => member.id !== id);
    const peers = others.map((member) => `${member.id}=${old.peerAddress(member.id)}`).join();
    const flags = [
      '--data-dir',
      dataDirOf(id),
      '--id',
      `${id}`,
      '--peers',
      peers,
      '--peer',
      old.peerAddress(id),
    ];
    const { code, stdout } = await run(chartProgram, 'restore', ...source, ...flags);
    expect(code).toBe(0);
    const [, told] = /--cluster-id (\S+)\n$/.exec(stdout)!;
    if (clusterId !== '') expect(told, 'one cluster').toBe(clusterId);
    clusterId = told!;
  }
  const cluster = ProcessCluster.of({ ...options, flags: ['--cluster-id', clusterId, ...patient] }, members);
  clusters.push(cluster);
  return { cluster, clusterId };
};

it('a backup that is taken under load restores the state as of its index, in a cluster that lets nobody of the old one in', async () => {
  const old = await ProcessCluster.start({
    size: 3,
    dataDir: join(folder, 'old'),
    flags: ['--snapshot-entries', '400', ...patient],
  });
  clusters.push(old);
  const leader = await old.leader();
  const leaderEndpoint = old.endpoints[leader - 1]!;
  const keyed = await fetch(`http://${leaderEndpoint}/v1/kv/once`, {
    method: 'PUT',
    headers: { 'idempotency-key': 'first' },
    body: '1',
  });
  expect(keyed.status).toBe(200);
  const load = new IndexedLoad(leaderEndpoint, 4);
  await until(async () => load.writes.length > 500);
  const follower = (leader % 3) + 1;
  const files = [join(folder, 'a'), join(folder, 'b'), join(folder, 'c')];
  const backups = [];
  for (const [at, flags] of [
    [],
    ['--target', `${follower}`],
    ['--stale', '--target', `${follower}`],
  ].entries()) {
    const acknowledged = load.writes.length;
    const last = load.writes[acknowledged - 1]!;
    const { code, stdout, stderr } = await run(
      clientProgram,
      ...['backup', files[at]!, '-w', 'json', '--timeout', '20s', ...flags],
      ...['--endpoints', old.endpoints.join()],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const told = JSON.parse(stdout) as { node: number; index: number; consistency: string };
    expect(told.node).toBe(at === 0 ? leader : follower);
    expect(told.consistency).toBe(at === 2 ? 'stale' : 'linearizable');
    if (at < 2) expect(told.index, 'it has what was acknowledged before').toBeGreaterThanOrEqual(last.index);
    backups.push(told);
    await until(async () => load.writes.length > acknowledged + 200);
  }
  await load.stop();
  expect(
    (await fetchStatus(old.members[leader - 1]!.clientPort))!.role,
    'no election under the backups',
  ).toBe('leader');
  const end = load.writes.at(-1)!.index;
  for (const { index } of backups) expect(index).toBeLessThan(end);

  await old.stop();
  // From the middle one, which a follower gave.
  const refusals: string[] = [];
  const { cluster, clusterId } = await restored([files[1]!], old, (_, line) => {
    if (line.level === 40) refusals.push(String(line.reason));
  });
  for (const { id } of cluster.founders) cluster.start(id);
  const newLeader = await cluster.leader();
  const expected = load.stateAt(backups[1]!.index);
  expect(expected.size).toBe(40);
  for (const endpoint of cluster.endpoints) {
    await until(async () => (await fetch(`http://${endpoint}/readyz`)).status === 200);
    expect(await stateOf(endpoint, allKeys)).toEqual(expected);
  }
  // Sessions came along: this was applied in the old cluster.
  const again = await fetch(`http://${cluster.endpoints[newLeader - 1]}/v1/kv/once`, {
    method: 'PUT',
    headers: { 'idempotency-key': 'first' },
    body: '1',
  });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await again.json()).toEqual(await keyed.json());

  // Node 1 of the old cluster comes back in place of that of the new one.
  await cluster.end(1, 'SIGTERM');
  await cluster.leader();
  old.start(1);
  await until(async () => refusals.some((line) => line.includes('"raftchart"') && line.includes(clusterId)));
  const { peers, leader: heard } = (await fetchStatus(old.members[0]!.clientPort))!;
  expect(heard).toBe(null);
  expect(peers.map(({ link }) => link)).not.toContain('open');
  expect(await stateOf(cluster.endpoints[1]!, allKeys)).toEqual(expected);
  // With the new id its directory is not its own.
  await old.end(1, 'SIGTERM');
  const { code, stderr } = old.refused(1, [1, 2, 3], ['--cluster-id', clusterId]);
  expect({ code, named: stderr.includes('belongs to node1 of cluster "raftchart"') }).toEqual({
    code: 4,
    named: true,
  });
}, 120_000);

it('a cluster of which one data directory is left goes on from that', async () => {
  const old = await ProcessCluster.start({
    size: 3,
    dataDir: join(folder, 'old'),
    flags: ['--snapshot-entries', '200', ...patient],
  });
  clusters.push(old);
  const leader = await old.leader();
  const load = new IndexedLoad(old.endpoints[leader - 1]!, 4);
  await until(async () => load.writes.length > 500);
  await load.stop();
  const busy = await run(
    chartProgram,
    'restore',
    '--from-dir',
    old.dataDirOf(leader),
    '--data-dir',
    join(folder, 'x'),
    '--id',
    '1',
    '--peers',
    'none',
  );
  expect(busy.code).toBe(2);
  expect(busy.stderr).toMatch(/^a node is running on .*: stop it first\n$/);
  for (const { id } of old.members) await old.end(id, 'SIGKILL');
  const left = join(folder, 'left');
  cpSync(old.dataDirOf(leader), left, { recursive: true });

  // One node alone, which another one joins.
  const members = old.members.slice(0, 2).map((member) => ({ ...member, process: null }));
  const options = { size: 1, spare: 1, dataDir: join(folder, 'new') };
  const directory = ProcessCluster.of(options, members).dataDirOf(1);
  const { code, stdout } = await run(
    chartProgram,
    ...['restore', '--from-dir', left, '--data-dir', directory, '--id', '1', '--peers', 'none'],
    ...['--peer', old.peerAddress(1)],
  );
  expect(code).toBe(0);
  const clusterId = /--cluster-id (\S+)\n$/.exec(stdout)![1]!;
  const cluster = ProcessCluster.of({ ...options, flags: ['--cluster-id', clusterId, ...patient] }, members);
  clusters.push(cluster);
  cluster.start(1, null);
  cluster.join(2, [1]);
  await cluster.leader();
  for (const change of [
    ['add', '2', '--peer', old.peerAddress(2)],
    ['promote', '2'],
  ]) {
    const changed = await run(
      clientProgram,
      ...['member', ...change, '--endpoints', cluster.endpoints[0]!, '--timeout', '20s'],
    );
    expect(changed).toMatchObject({ code: 0, stderr: '' });
  }
  await until(async () => (await fetch(`http://${cluster.endpoints[1]}/readyz`)).status === 200);
  expect(await stateOf(cluster.endpoints[1]!, allKeys)).toEqual(load.stateAt(Number.POSITIVE_INFINITY));
}, 120_000);

it('a node that is killed while it gives a backup leaves no file, and no other is touched', async () => {
  const cluster = await ProcessCluster.start({ size: 1, dataDir: join(folder, 'one') });
  clusters.push(cluster);
  const endpoint = cluster.endpoints[0]!;
  for (let at = 0; at < 40; at++) {
    await fetch(`http://${endpoint}/v1/kv/k${at}`, { method: 'PUT', body: Buffer.alloc(1024 * 1024, at) });
  }
  const file = join(folder, 'backup');
  // A client that reads slowly: it is stopped until the node is gone.
  const child = execFile(process.execPath, [
    clientProgram,
    'backup',
    file,
    '--endpoints',
    endpoint,
    '--timeout',
    '3s',
  ]);
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until(async () => existsSync(`${file}.${child.pid}.tmp`));
  child.kill('SIGSTOP');
  await cluster.end(1, 'SIGKILL');
  child.kill('SIGCONT');
  const code = await exited;
  const isWhole = existsSync(file);
  // It may have been whole by then: then it has its name.
  expect(code).toBe(isWhole ? 0 : 2);
  if (!isWhole) expect(JSON.parse(stderr).error).toMatch(/^(broken_off|timeout)$/);
  expect(existsSync(`${file}.${child.pid}.tmp`)).toBe(false);
}, 60_000);
