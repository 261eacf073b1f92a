import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityUri } from '../../src/adapters/tls/node-identity.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../src/cli/certs/make-certificates.ts';
import { parseGivenEndpoint, type Reach, reachOf } from '../../src/cli/client/reach.ts';
import { newToken, type Permission, permissions } from '../../src/store/http/access/tokens.ts';
import { ProcessCluster } from './process-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-client-access-'));
const path = (name: string) => join(directory, name);
const write = (name: string, text: string): string => {
  writeFileSync(path(name), text, { mode: 0o600 });
  return path(name);
};
const program = fileURLToPath(new URL('../../src/cli/raft-client.ts', import.meta.url));
const run = promisify(execFile);

let authority: KeyPair;
let cluster: ProcessCluster;
let flags: readonly string[];
const made = Object.fromEntries(permissions.map((each) => [each, newToken(each, each)])) as Record<
  Permission,
  ReturnType<typeof newToken>
>;

beforeAll(async () => {
  authority = await makeAuthority('a');
  write('ca.crt', authority.cert);
  for (const id of [1, 2, 3]) {
    const uri = identityUri({ clusterId: 'raftchart', node: id });
    const pair = await makeCertificate(authority, { name: 'n', uri, hosts: ['127.0.0.1'], days: 1 });
    for (const port of ['peer', 'client']) {
      write(`${port}${id}.crt`, pair.cert);
      write(`${port}${id}.key`, pair.key);
    }
  }
  const client = await makeCertificate(authority, { name: 'client', uri: null, hosts: [], days: 1 });
  write('client.crt', client.cert);
  write('client.key', client.key);
  write(
    'tokens',
    Object.values(made)
      .map(({ line }) => line)
      .join('\n'),
  );
  for (const each of permissions) write(`${each}.token`, made[each].token);
  const client1 = { cacert: path('ca.crt'), cert: path('client.crt'), key: path('client.key') };
  flags = ['--cacert', client1.cacert, '--cert', client1.cert, '--key', client1.key];
  const options = {
    size: 3,
    dataDir: directory,
    flags: [
      '--election-timeout',
      '600-1200',
      '--client-cacert',
      path('ca.crt'),
      '--token-file',
      path('tokens'),
    ],
    flagsOf: (id: number) => [
      ...['--client-cert', path(`client${id}.crt`), '--client-key', path(`client${id}.key`)],
      ...[
        '--peer-cert',
        path(`peer${id}.crt`),
        '--peer-key',
        path(`peer${id}.key`),
        '--peer-cacert',
        path('ca.crt'),
      ],
    ],
  };
  const reserved = await ProcessCluster.reserve(options);
  const { reach }: { reach: Reach } = reachOf(
    reserved.endpoints.map((endpoint) => parseGivenEndpoint(`https://${endpoint}`)),
    { ...client1, tokenFile: path('admin.token') },
  );
  cluster = ProcessCluster.of({ ...options, reach }, reserved.members);
  await cluster.startAll();
});
afterAll(async () => {
  await cluster.stop();
  rmSync(directory, { recursive: true });
});

/** `raft-client` as a process of its own. */
const client = async (as: Permission | null, ...args: readonly string[]) => {
  const token = as === null ? [] : ['--token-file', path(`${as}.token`)];
  const all = [
    program,
    '--endpoints',
    cluster.endpoints.join(),
    '--timeout',
    '10s',
    ...flags,
    ...token,
    ...args,
  ];
  return run(process.execPath, all).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
};

describe('a cluster that asks its clients for certificates and tokens', () => {
  it('serves each command of raft-client by whoever may give it', async () => {
    expect(await client('write', 'put', 'x', '1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^OK/),
    });
    expect(await client('read', 'get', 'x')).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await client('read', 'status')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('leader'),
    });
    expect(await client('read', 'get', 'x', '--target', '2')).toMatchObject({ code: 0, stdout: '1\n' });
    expect((await client('read', 'member', 'list')).stdout).toContain('https://127.0.0.1:');
    expect(await client('admin', 'transfer-leader')).toMatchObject({ code: 0 });
    expect(await client('admin', 'backup', path('a.backup'))).toMatchObject({ code: 0, stderr: '' });
    expect(await client('admin', 'member', 'update', '2', '--peer', cluster.peerAddress(2))).toMatchObject({
      code: 0,
    });
  });

  it.each<[Permission | null, readonly string[], RegExp]>([
    [null, ['get', 'x'], /"error":"token_missing"/],
    ['read', ['put', 'x', '2'], /"this needs a token for write; the token of read is for read"/],
    ['write', ['transfer-leader'], /"this needs a token for admin; the token of write is for write"/],
    ['write', ['backup', 'never.backup'], /"this needs a token for admin/],
    ['write', ['member', 'remove', '1'], /"this needs a token for admin/],
    [null, ['status'], /"error":"token_missing"/],
    [null, ['transfer-leader'], /"error":"token_missing"/],
    [null, ['member', 'list'], /"error":"token_missing"/],
    [null, ['backup', 'never.backup'], /"error":"token_missing"/],
  ])('refuses who has %s %j, in one line and at once', async (as, args, line) => {
    const begunMs = performance.now();
    const { code, stderr } = await client(as, ...args);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    expect(performance.now() - begunMs).toBeLessThan(8000);
  });

  it('takes other tokens on SIGHUP, and other certificates by itself', async () => {
    const late = newToken('read', 'late');
    write('late.token', late.token);
    writeFileSync(path('tokens'), `${readFileSync(path('tokens'), 'utf8')}\n${late.line}`);
    for (const id of [1, 2, 3]) process.kill(cluster.pid(id), 'SIGHUP');
    const get = () => client(null, '--token-file', path('late.token'), 'get', 'x');
    expect(await get()).toMatchObject({ code: 0, stdout: '1\n' });
    copyFileSync(path('client2.crt'), path('client1.crt'));
    copyFileSync(path('client2.key'), path('client1.key'));
    expect(await get()).toMatchObject({ code: 0 });
  });

  it('goes on while strangers fill the ports of a follower with handshakes that they never finish', async () => {
    const leader = await cluster.leader();
    const follower = [1, 2, 3].find((id) => id !== leader)!;
    const { clientPort, peerPort } = cluster.members[follower - 1]!;
    const sockets: Socket[] = [];
    const left = { [clientPort]: 0, [peerPort]: 0 };
    for (const port of [clientPort, peerPort])
      for (let at = 0; at < 1000; at++) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        socket.on('close', () => {
          left[port]! += 1;
        });
        await once(socket, 'connect');
        sockets.push(socket);
      }
    // Its own connections to the peers are made anew, as after a fault.
    await cluster.end(leader, 'SIGKILL');
    cluster.start(leader);
    await cluster.leader();
    expect(await client('write', 'put', 'x', '3', '--timeout', '20s')).toMatchObject({ code: 0 });
    // A quarter of the connections may be unfinished, and 256 at most.
    expect(left[peerPort]).toBeGreaterThanOrEqual(1000 - 32);
    expect(left[clientPort]).toBeGreaterThanOrEqual(1000 - 256);
    for (const socket of sockets) socket.destroy();
  });
});
