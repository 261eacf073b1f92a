import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../store/etcd/real-etcd.ts';
import { freePorts } from './free-ports.ts';
import { until, useCluster } from './use-cluster.ts';

const environment = { ...process.env, ETCDCTL_API: '3' };

/** etcd's own client, unchanged, against processes. */
describe.skipIf(!isInstalled('etcdctl'))('etcdctl', () => {
  const { start } = useCluster('etcdctl');

  const startNodes = async () => {
    const ports = await freePorts(3);
    const endpoints = ports.map((port) => `127.0.0.1:${port}`);
    await start({ size: 3, flagsOf: (id) => ['--listen-etcd', endpoints[id - 1]!] });
    const etcdctl = (args: readonly string[], input = ''): Promise<string> =>
      new Promise((resolve, reject) => {
        const child = execFile('etcdctl', args, { env: environment }, (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(stderr)),
        );
        child.stdin!.end(input);
      });
    const all = ['--endpoints', endpoints.join()];
    await until(async () => (await etcdctl([...all, 'endpoint', 'health'])) !== null);
    const statusOf = async () =>
      (
        JSON.parse(await etcdctl([...all, 'endpoint', 'status', '-w', 'json'])) as {
          Endpoint: string;
          Status: { header: { member_id: number }; leader: number };
        }[]
      ).map(({ Endpoint, Status }) => ({
        endpoint: Endpoint,
        id: Status.header.member_id,
        leader: Status.leader,
      }));
    return { etcdctl, endpoints, all, statusOf };
  };

  it('puts, reads, deletes, compares and compacts, at any node', async () => {
    const { etcdctl, endpoints } = await startNodes();
    const [first, second, third] = endpoints.map((endpoint) => ['--endpoints', endpoint]);
    expect(await etcdctl([...first!, 'put', 'k/a', '1'])).toBe('OK\n');
    expect(await etcdctl([...second!, 'put', 'k/b', '2'])).toBe('OK\n');
    expect(await etcdctl([...third!, 'get', '--prefix', 'k/'])).toBe('k/a\n1\nk/b\n2\n');
    const txn = 'value("k/a") = "1"\n\nput k/a 3\nget k/b\n\nput k/a 4\n\n';
    expect(await etcdctl([...second!, 'txn'], txn)).toBe('SUCCESS\n\nOK\n\nk/b\n2\n');
    expect(await etcdctl([...third!, 'txn'], txn)).toBe('FAILURE\n\nOK\n');
    const { header } = JSON.parse(await etcdctl([...third!, 'get', 'k/a', '-w', 'json']));
    expect(await etcdctl([...first!, 'compact', `${header.revision}`])).toBe(
      `compacted revision ${header.revision}\n`,
    );
    await expect(etcdctl([...first!, 'get', 'k/a', '--rev', '2'])).rejects.toThrow(
      'etcdserver: mvcc: required revision has been compacted',
    );
    expect(await etcdctl([...first!, 'del', '--prefix', 'k/'])).toBe('2\n');
    expect(await etcdctl([...second!, 'get', 'k/a'])).toBe('');
  });

  it('watches at one node what is written at others', async () => {
    const { etcdctl, endpoints } = await startNodes();
    const { header } = JSON.parse(
      await etcdctl(['--endpoints', endpoints[0]!, 'put', 'w/a', '1', '-w', 'json']),
    );
    const flags = ['--endpoints', endpoints[1]!, 'watch', '--prefix', 'w/', '--rev', `${header.revision}`];
    const child = spawn('etcdctl', flags, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const seen: string[] = [];
    const see = async (count: number): Promise<void> => {
      while (seen.length < count) seen.push((await lines.next()).value!);
    };
    await see(3);
    await etcdctl(['--endpoints', endpoints[2]!, 'put', 'w/b', '2']);
    await see(6);
    await etcdctl(['--endpoints', endpoints[0]!, 'del', 'w/a']);
    await see(8);
    expect(seen).toEqual(['PUT', 'w/a', '1', 'PUT', 'w/b', '2', 'DELETE', 'w/a']);
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });

  it('holds a lease, and its key goes with it', async () => {
    const { etcdctl, endpoints } = await startNodes();
    const at = ['--endpoints', endpoints[1]!];
    const id = /^lease (\w+) granted with TTL\(2s\)/.exec(await etcdctl([...at, 'lease', 'grant', '2']))![1]!;
    await etcdctl([...at, 'put', 'leased', 'x', '--lease', id]);
    expect(await etcdctl([...at, 'lease', 'keep-alive', '--once', id])).toBe(
      `lease ${id} keepalived with TTL(2)\n`,
    );
    expect(await etcdctl([...at, 'lease', 'timetolive', id, '--keys'])).toContain('attached keys([leased])');
    await until(async () => (await etcdctl([...at, 'get', 'leased'])) === '');
    expect(await etcdctl([...at, 'lease', 'timetolive', id])).toBe(`lease ${id} already expired\n`);
    const [, other] = /^lease (\w+) /.exec(await etcdctl([...at, 'lease', 'grant', '60']))!;
    expect(await etcdctl([...at, 'lease', 'list'])).toBe(`found 1 leases\n${other}\n`);
    expect(await etcdctl([...at, 'lease', 'revoke', other!])).toBe(`lease ${other} revoked\n`);
  });

  it('saves a snapshot that etcd can check and restore', async () => {
    const { etcdctl, endpoints } = await startNodes();
    const at = ['--endpoints', endpoints[0]!];
    const directory = mkdtempSync(join(tmpdir(), 'raftchart-snapshot-'));
    await etcdctl([...at, 'put', 'kept', 'x']);
    const file = join(directory, 'snapshot.db');
    await etcdctl([...at, 'snapshot', 'save', file]);
    const { totalKey, revision } = JSON.parse(await etcdctl(['snapshot', 'status', file, '-w', 'json']));
    const { header, count } = JSON.parse(await etcdctl([...at, 'get', '--prefix', '', '-w', 'json']));
    expect(totalKey).toBeGreaterThanOrEqual(count);
    expect(revision).toBe(header.revision);
    const restored = join(directory, 'restored');
    await etcdctl(['snapshot', 'restore', file, '--data-dir', restored]);
    expect(existsSync(join(restored, 'member', 'snap', 'db'))).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it('lists the members, asks each for its status, and moves the leadership', async () => {
    const { etcdctl, endpoints, all, statusOf } = await startNodes();
    const lines = (await etcdctl(['--endpoints', endpoints[0]!, 'member', 'list'])).trim().split('\n');
    expect(lines.map((line) => line.split(', ').filter((_, at) => at !== 3))).toEqual(
      endpoints.map((endpoint, at) => [
        `${at + 1}`,
        'started',
        `node${at + 1}`,
        `http://${endpoint}`,
        'false',
      ]),
    );
    // With the URLs that the members tell.
    const healthy = await etcdctl(['--endpoints', endpoints[0]!, 'endpoint', 'health', '--cluster']).catch(
      (error) => error.message,
    );
    expect(String(healthy)).not.toContain('unhealthy');
    expect(await etcdctl(['--endpoints', endpoints[0]!, 'endpoint', 'status', '--cluster'])).toContain(
      `http://${endpoints[2]}`,
    );
    const before = await statusOf();
    const target = before.find(({ id, leader }) => id !== leader)!;
    const said = await etcdctl([...all, 'move-leader', target.id.toString(16)]);
    expect(said).toBe(`Leadership transferred from ${before[0]!.leader} to ${target.id}\n`);
    await until(async () => (await statusOf()).every(({ leader }) => leader === target.id));
  });
});
