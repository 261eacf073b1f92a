import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { nodeVersionProblem } from '../../src/adapters/system/node-version.ts';
import type { HttpApi } from '../../src/store/http/server.ts';
import { encodePut } from '../../src/store/kv/commands.ts';
import { freePorts } from '../processes/free-ports.ts';
import { open, SingleNode, serve } from '../store/http/single-node.ts';

let leader: SingleNode;
let leaderApi: HttpApi;
let follower: SingleNode;
let followerApi: HttpApi;
/** The follower first: every command has to find the leader. */
let endpoints: string;

beforeEach(async () => {
  leader = new SingleNode(1);
  leaderApi = await serve(leader);
  follower = new SingleNode(2);
  follower.refusal = { type: 'notLeader', leader: 1 };
  const endpoint = `http://127.0.0.1:${leaderApi.port}`;
  follower.current = {
    ...follower.current,
    role: 'follower',
    leader: 1,
    peers: [{ id: 1, link: 'open', endpoint }],
  };
  followerApi = await serve(follower);
  endpoints = `127.0.0.1:${followerApi.port},127.0.0.1:${leaderApi.port}`;
});
afterEach(async () => {
  await leaderApi.close(0);
  await followerApi.close(0);
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const entry = new URL('../../src/cli/raft-client.ts', import.meta.url).pathname;

/** Runs `raft-client` as a process of its own. */
const runClient = (args: readonly string[], { env = {}, stdin = '' } = {}): Promise<Run> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, RAFT_CLIENT_ENDPOINTS: endpoints, ...env } };
    const child = execFile(process.execPath, [entry, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin!.end(stdin);
  });
const client = (...args: readonly string[]) => runClient(args);

/** An endpoint at which nobody listens. */
const deadEndpoint = async (): Promise<string> => {
  const [port] = await freePorts(1);
  return `127.0.0.1:${port}`;
};

const listenOn = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('commands', () => {
  it('put, get, cas and del follow the follower to the leader', async () => {
    expect(await client('put', 'x', '1')).toEqual({ code: 0, stdout: 'OK leader=1 index=2\n', stderr: '' });
    expect(await client('get', 'x')).toEqual({ code: 0, stdout: '1\n', stderr: '' });
    expect(await client('cas', 'x', '1', '2')).toMatchObject({ code: 0, stdout: 'OK leader=1 index=3\n' });
    expect(await client('del', 'x')).toMatchObject({ code: 0, stdout: 'OK leader=1 index=4 deleted=true\n' });
    expect({ writes: follower.submitted, reads: follower.reads }).toEqual({ writes: 3, reads: 1 });
  });

  it('-w json prints each result as one JSON line', async () => {
    const json = async (...args: string[]) => JSON.parse((await client('-w', 'json', ...args)).stdout);
    expect(await json('put', 'é/ü', '1')).toEqual({ ok: true, leader: 1, index: 2, term: 2 });
    expect(await json('get', 'é/ü')).toEqual({ key: 'é/ü', value: '1', node: 1, index: 2, term: 2 });
    expect(await json('cas', 'é/ü', '1', '2')).toEqual({ ok: true, leader: 1, index: 3, term: 2 });
    expect(await json('del', 'é/ü')).toEqual({ ok: true, leader: 1, index: 4, term: 2, deleted: true });
  });

  it('get of a key that is not there is exit 1 with a JSON line on stderr', async () => {
    const { code, stdout, stderr } = await client('get', 'x');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: 'key_not_found' });
    expect(stderr.endsWith('}\n')).toBe(true);
  });

  it('cas that finds another value is exit 1 and shows it; --absent creates once', async () => {
    expect((await client('cas', '--absent', 'x', '1')).code).toBe(0);
    const again = await client('cas', '--absent', 'x', '2');
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stderr)).toMatchObject({ error: 'cas_failed', actual: '1' });
  });

  it.each(['.', '..', '...', '%2E', 'a/../b'])('the key %s is a key like any other', async (key) => {
    expect(await client('put', key, '1')).toMatchObject({ code: 0 });
    expect(await client('get', key)).toMatchObject({ code: 0, stdout: '1\n' });
    expect(leader.readValue(key)).not.toBeNull();
    expect((await client('del', key)).stdout).toContain('deleted=true');
  });

  it('puts what stdin or a file holds, byte for byte, also what looks like a flag', async () => {
    await runClient(['put', 'x', '-'], { stdin: 'from\nstdin' });
    expect((await client('get', 'x')).stdout).toBe('from\nstdin\n');
    const directory = await mkdtemp(join(tmpdir(), 'raft-client-'));
    await writeFile(join(directory, 'value'), Uint8Array.of(0xff, 0));
    await client('put', 'y', '--file', join(directory, 'value'));
    expect(JSON.parse((await client('get', 'y', '-w', 'json')).stdout)).toMatchObject({
      valueBase64: '/wA=',
    });
    await rm(directory, { recursive: true });
    await client('put', 'z', '--', '--flag');
    expect((await client('get', 'z')).stdout).toBe('--flag\n');
  });
});

describe('get --consistency', () => {
  it('reads at the node that is asked, a follower too, once it may be read', async () => {
    follower.refusal = null;
    follower.kv.apply(encodePut('x', Buffer.from('1')));
    expect((await client('get', 'x', '--target', '2')).stdout).toBe('1\n');
    const { stdout } = await client('get', 'x', '-w', 'json', '--consistency', 'linearizable');
    expect(JSON.parse(stdout)).toEqual({ key: 'x', value: '1', node: 2, index: 1, term: 2 });
    expect({ follower: follower.reads, leader: leader.reads }).toEqual({ follower: 2, leader: 0 });
  });

  it('stale is answered without a leader', async () => {
    follower.readOutcome = { type: 'notLeader', leader: null };
    follower.kv.apply(encodePut('x', Buffer.from('1')));
    expect(await client('get', 'x', '--consistency', 'stale')).toEqual({
      code: 0,
      stdout: '1\n',
      stderr: '',
    });
    expect(follower.reads).toBe(0);
  });

  it('lease is exit 1 at a node without lease reads, and the message names the flag', async () => {
    const { code, stderr } = await client('get', 'x', '--consistency', 'lease');
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'lease_reads_off' });
    expect(stderr).toContain('--lease-reads');
  });

  it('a read that no leader confirms is asked again, elsewhere too', async () => {
    follower.readOutcome = { type: 'timedOut' };
    leader.kv.apply(encodePut('x', Buffer.from('1')));
    expect(await client('get', 'x')).toMatchObject({ code: 0, stdout: '1\n' });
    leader.readOutcome = { type: 'timedOut' };
    const { code, stderr } = await client('get', 'x', '--timeout', '300ms');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'timeout', mayHaveHappened: false });
    expect(stderr).not.toContain('written');
  });
});

describe('transfer-leader', () => {
  /** What both nodes say of who leads. */
  const leads = (id: number): void => {
    leader.current = { ...leader.current, role: id === 1 ? 'leader' : 'follower', leader: id };
    follower.current = { ...follower.current, role: id === 2 ? 'leader' : 'follower', leader: id };
  };

  it('finds the leader, which hands over to the node named or to one of its choice', async () => {
    expect(await client('transfer-leader', '2')).toEqual({ code: 0, stdout: 'OK leader=2\n', stderr: '' });
    leads(1);
    const { stdout } = await client('transfer-leader', '-w', 'json');
    expect(JSON.parse(stdout)).toEqual({ ok: true, leader: 2 });
    expect({ leader: leader.transfers, follower: follower.transfers }).toEqual({
      leader: [2, null],
      follower: [],
    });
  });

  it.each([
    ['targetUnknown', 'target_unknown'],
    ['transferTimedOut', 'transfer_timed_out'],
    ['transferring', 'transferring'],
  ] as const)('refused as %s is exit 1 with one JSON line', async (reason, error) => {
    leader.transferOutcome = { type: 'refused', reason, leader: 1 };
    const { code, stdout, stderr } = await client('transfer-leader', '2');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error });
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('an answer that is lost costs no second transfer: the new leader is looked up', async () => {
    leader.transferOutcome = { type: 'timedOut' };
    const transfer = client('transfer-leader');
    while (leader.transfers.length === 0) await new Promise(setImmediate);
    leads(2);
    expect(await transfer).toEqual({ code: 0, stdout: 'OK leader=2\n', stderr: '' });
    expect({ leader: leader.transfers, follower: follower.transfers }).toEqual({
      leader: [null],
      follower: [],
    });
  });

  it('is exit 2 when no leader is found in time, and says that nothing happened', async () => {
    leader.current = { ...leader.current, leader: null };
    follower.current = { ...follower.current, leader: null };
    const { code, stderr } = await client('transfer-leader', '--timeout', '300ms');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'timeout', mayHaveHappened: false });
  });

  it('is exit 2 when the leader does not answer, and says that it may have happened', async () => {
    leader.isHolding = true;
    const { code, stderr } = await client('transfer-leader', '2', '--timeout', '500ms');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'timeout', mayHaveHappened: true });
    leader.release();
  });

  it('--target asks that node only: not the leader is exit 3', async () => {
    follower.transferOutcome = { type: 'refused', reason: 'notLeader', leader: 1 };
    expect(await client('transfer-leader', '--target', '2')).toEqual({
      code: 3,
      stdout: '',
      stderr: '{"error":"not_leader","leader":"node1"}\n',
    });
    expect(leader.transfers).toEqual([]);
  });
});

describe('--target', () => {
  it('asks that node only: not the leader is exit 3', async () => {
    expect(await client('put', 'x', '1', '--target', '2')).toEqual({
      code: 3,
      stdout: '',
      stderr: '{"error":"not_leader","leader":"node1"}\n',
    });
    expect(leader.submitted).toBe(0);
    expect((await client('put', 'x', '1', '--target', '1')).code).toBe(0);
  });

  it('that is no member is named at once, though some node does not answer', async () => {
    const silent = createServer(() => {});
    const list = `${await listenOn(silent)},${endpoints}`;
    const begunMs = performance.now();
    const { code, stderr } = await client(
      'get',
      'x',
      '--target',
      '9',
      '--endpoints',
      list,
      '--timeout',
      '20s',
    );
    silent.close();
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'unknown_target' });
    expect(stderr).toContain('node9 is not a member');
    expect(performance.now() - begunMs).toBeLessThan(15_000);
  });

  it('finds a node that is not among the endpoints through another that knows it', async () => {
    const env = { RAFT_CLIENT_ENDPOINTS: `127.0.0.1:${followerApi.port}` };
    expect(await runClient(['put', 'x', '1', '--target', '1'], { env })).toMatchObject({ code: 0 });
    const unknown = await runClient(['put', 'x', '1', '--target', '9'], { env });
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: 'unknown_target' });
  });
});

describe('when it cannot be done', () => {
  it('retries refused connections until the timeout, then exit 2: nothing was written', async () => {
    const { code, stderr } = await client(
      'put',
      'x',
      '1',
      '--timeout',
      '150',
      '--endpoints',
      await deadEndpoint(),
    );
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'timeout', mayHaveHappened: false });
    expect(stderr).toContain('ECONNREFUSED');
  });

  it('goes on to the next endpoint when one is dead', async () => {
    const list = `${await deadEndpoint()},${endpoints}`;
    expect(await client('put', 'x', '1', '--endpoints', list)).toMatchObject({ code: 0 });
  });

  it('retries while there is no leader, and succeeds once there is', async () => {
    leader.refusal = { type: 'notLeader', leader: null };
    const put = client('put', 'x', '1', '--endpoints', `127.0.0.1:${leaderApi.port}`);
    while (leader.submitted < 2) await new Promise(setImmediate);
    leader.refusal = null;
    expect(await put).toMatchObject({ code: 0, stderr: '' });
  });

  it('a write of unknown outcome is exit 2 and says that it may have happened', async () => {
    leader.refusal = { type: 'unknownOutcome', index: 5, term: 2 };
    const { code, stderr } = await client('put', 'x', '1', '--timeout', '500ms');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'unknown_outcome', mayHaveHappened: true });
    expect(leader.submitted).toBeGreaterThan(1);
  });

  it('a write that is not answered in time may have happened; a read did nothing', async () => {
    leader.isHolding = true;
    const put = await client('put', 'x', '1', '--timeout', '300ms');
    expect(put.code).toBe(2);
    expect(JSON.parse(put.stderr)).toMatchObject({ mayHaveHappened: true });
    const get = await client('get', 'x', '--timeout', '300ms');
    expect(get.code).toBe(2);
    expect(JSON.parse(get.stderr)).toMatchObject({ error: 'timeout', mayHaveHappened: false });
    expect(get.stderr).not.toContain('written');
    leader.release();
  });

  it('a write whose connection breaks is sent again, and takes effect once', async () => {
    let connections = 0;
    // It executes the write, and the answer is lost.
    const server = createServer((socket) => {
      connections += 1;
      socket.once('data', (request) => {
        const upstream = connect(leaderApi.port, '127.0.0.1', () => upstream.write(request));
        upstream.once('data', () => {
          upstream.destroy();
          socket.resetAndDestroy();
        });
      });
    });
    const list = `${await listenOn(server)},${endpoints}`;
    const put = await client('cas', '--absent', 'x', '1', '--endpoints', list);
    server.close();
    expect(put).toEqual({ code: 0, stdout: 'OK leader=1 index=2\n', stderr: '' });
    expect({ connections, submitted: leader.submitted }).toEqual({ connections: 1, submitted: 2 });
  });

  it('a write to a node that stays silent goes to another one within a fraction of the timeout', async () => {
    const server = createServer(() => {});
    const list = `${await listenOn(server)},${endpoints}`;
    const begunMs = performance.now();
    expect(await client('put', 'x', '1', '--endpoints', list, '--timeout', '8s')).toMatchObject({ code: 0 });
    expect(performance.now() - begunMs).toBeLessThan(6000);
    server.close();
  });

  it.each([
    { args: ['get', 'x'] },
    { args: ['get', 'x', '--consistency', 'stale'] },
    { args: ['status'] },
    { args: ['member', 'list'] },
    { args: ['transfer-leader', '2'] },
    { args: ['member', 'update', '1', '--client', 'http://127.0.0.1:1'] },
  ])('$args goes on without a node that stays silent, within a fraction of the timeout', async ({ args }) => {
    leader.kv.apply(encodePut('x', Buffer.from('1')));
    follower.kv.apply(encodePut('x', Buffer.from('1')));
    follower.refusal = null;
    const server = createServer(() => {});
    const list = `${await listenOn(server)},${endpoints}`;
    const begunMs = performance.now();
    expect(await client(...args, '--endpoints', list, '--timeout', '20s')).toMatchObject({ code: 0 });
    expect(performance.now() - begunMs).toBeLessThan(15_000);
    server.close();
  });

  it('a read that is slow is served by whoever answers first', async () => {
    leader.kv.apply(encodePut('x', Buffer.from('1')));
    leader.isHolding = true;
    const get = client('get', 'x', '--endpoints', `127.0.0.1:${leaderApi.port}`, '--timeout', '3s');
    await leader.held(2);
    leader.release();
    expect(await get).toEqual({ code: 0, stdout: '1\n', stderr: '' });
  });

  it('a write whose session has expired may have happened', async () => {
    leader.refusal = { type: 'unknownOutcome', index: 5, term: 2 };
    const put = client('put', 'x', '1');
    while (leader.submitted < 1) await new Promise(setImmediate);
    leader.refusal = { type: 'applied', index: 6, term: 2, result: { type: 'sessionExpired' } };
    const { code, stderr } = await put;
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'unknown_outcome', mayHaveHappened: true });
    expect(stderr).toContain('session_expired');
  });

  it('an overwritten write is exit 4', async () => {
    leader.refusal = { type: 'overwritten', index: 5, term: 2 };
    const { code, stderr } = await client('put', 'x', '1', '--timeout', '500ms');
    expect(code).toBe(4);
    expect(JSON.parse(stderr)).toEqual({ error: 'overwritten', index: 5, term: 2 });
  });

  it('an overwritten write is sent again', async () => {
    leader.refusal = { type: 'overwritten', index: 5, term: 2 };
    const put = client('put', 'x', '1');
    while (leader.submitted < 1) await new Promise(setImmediate);
    leader.refusal = null;
    expect(await put).toMatchObject({ code: 0, stderr: '' });
  });

  it('a server that is no node is recognized', async () => {
    const server = createHttpServer((_request, response) => response.end('hello'));
    const { code, stderr } = await client('put', 'x', '1', '--endpoints', await listenOn(server));
    server.closeAllConnections();
    server.close();
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'unexpected_answer' });
  });
});

describe('a node that is starting', () => {
  let starting: HttpApi;
  beforeEach(async () => {
    starting = await open({ id: 3, startingWords: () => 'reading the log: 40 %' });
  });
  afterEach(() => starting.close(0));

  it('is passed over for one that leads', async () => {
    const all = `127.0.0.1:${starting.port},127.0.0.1:${leaderApi.port}`;
    expect((await client('put', 'x', '1', '--endpoints', all)).code).toBe(0);
    expect(await client('get', 'x', '--endpoints', all)).toMatchObject({ code: 0, stdout: '1\n' });
  });

  it('has written nothing, and a write that it refuses until the timeout says so', async () => {
    const only = `127.0.0.1:${starting.port}`;
    const { code, stderr } = await client('put', 'x', '1', '--endpoints', only, '--timeout', '1500');
    expect(code).toBe(2);
    expect(stderr).toContain('nothing was written');
  });

  it('shows in the status what it is doing', async () => {
    const all = `127.0.0.1:${starting.port},127.0.0.1:${leaderApi.port}`;
    const { code, stdout } = await client('status', '--endpoints', all);
    expect(code).toBe(0);
    expect(stdout).toContain('unreachable (answered 503: reading the log: 40 %)');
  });
});

describe('status', () => {
  it('shows every endpoint, also one that cannot be reached', async () => {
    const dead = await deadEndpoint();
    const { code, stdout } = await client('status', '--endpoints', `${endpoints},${dead}`);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines).toEqual([
      ['ENDPOINT', 'NODE', 'ROLE', 'TERM', 'LEADER', 'COMMITTED', 'APPLIED', 'SNAPSHOT', 'MEMBER'],
      [`http://127.0.0.1:${followerApi.port}`, 'node2', 'follower', '2', 'node1', '1', '1', '-', 'voter'],
      [`http://127.0.0.1:${leaderApi.port}`, 'node1', 'leader', '2', 'node1', '1', '1', '-', 'voter'],
      [`http://${dead}`, '-', 'unreachable (ECONNREFUSED)'],
    ]);
  });

  it('says below the table who refuses whom, once', async () => {
    const reason = 'node2 is on another disk';
    const refusal = { by: 1, reason };
    leader.current = {
      ...leader.current,
      peers: [{ id: 2, link: 'refused', endpoint: null, refusal }],
    };
    follower.current = {
      ...follower.current,
      peers: [{ id: 1, link: 'refused', endpoint: null, refusal }],
    };
    const { stdout } = await client('status');
    expect(stdout.trimEnd().split('\n').slice(3)).toEqual([`node1 refuses node2: ${reason}`]);
  });

  it('says below the table which snapshot is sent to whom, and how much of it has arrived', async () => {
    leader.current = {
      ...leader.current,
      snapshot: { index: 900, term: 2, sizeBytes: 5000 },
      peers: [
        { id: 2, link: 'open', endpoint: null, matchIndex: 7, snapshot: { index: 900, sentBytes: 1200 } },
      ],
    };
    const { stdout } = await client('status');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[2]).toMatch(/ 900 +voter$/);
    expect(lines.slice(3)).toEqual(['node1 sends node2 its snapshot up to entry 900: 1200 bytes so far']);
  });

  it('says below the table who is spoken to in an earlier wire version', async () => {
    const earlier = wireVersion - 1;
    leader.current = {
      ...leader.current,
      peers: [
        { id: 2, link: 'open', wireVersion, endpoint: null },
        { id: 3, link: 'open', wireVersion: earlier, endpoint: null },
      ],
    };
    const { stdout } = await client('status');
    expect(stdout.trimEnd().split('\n').slice(3)).toEqual([
      `node1 speaks wire version ${earlier} to node3, not ${wireVersion}: docs/upgrades.md`,
    ]);
  });

  it('-w json is an array', async () => {
    const { stdout } = await client('status', '-w', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      { id: 2, role: 'follower' },
      { id: 1, role: 'leader' },
    ]);
  });

  it('is exit 2 when no node answers', async () => {
    expect((await client('status', '--timeout', '200', '--endpoints', await deadEndpoint())).code).toBe(2);
  });
});

describe('mistakes on the command line', () => {
  it('are one JSON line on stderr and exit 1 each', async () => {
    const mistakes = [
      ['put', 'x'],
      ['put', '', '1'],
      ['get'],
      ['cas', 'x', '1'],
      ['cas', 'x', '1', '2', '3'],
      ['cas', '--absent', 'x', '1', '2'],
      ['put', 'x', '--file', '/no/such/file'],
      ['get', 'x', '--timeout', '5h'],
      ['get', 'x', '--endpoints', 'nowhere'],
      ['get', 'x', '--target', '0'],
      ['get', 'x', '--consistency', 'eventual'],
      ['put', 'x', '1', '--consistency', 'stale'],
      ['transfer-leader', '0'],
      ['transfer-leader', 'node2'],
      ['transfer-leader', '1', '2'],
      ['get', 'x', '--targt', '1'],
      ['get', 'x', '-w', 'xml'],
      ['frobnicate'],
    ];
    const runs = await Promise.all(mistakes.map((args) => client(...args)));
    for (const [i, { code, stdout, stderr }] of runs.entries()) {
      expect({ args: mistakes[i], code, stdout }).toEqual({ args: mistakes[i], code: 1, stdout: '' });
      expect(JSON.parse(stderr)).toMatchObject({ error: 'usage' });
      expect(stderr.trimEnd()).not.toContain('\n');
    }
  }, 60_000);

  it('--help shows the exit codes', async () => {
    const { code, stdout } = await client('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('3  the node given by --target is not the leader');
  });

  it('a Node.js that is too old is named in one line', () => {
    expect(nodeVersionProblem('v20.20.2')).toMatch(
      /^Node\.js 22\.18 or newer is required, this is v20\.20\.2[^\n]*$/,
    );
    expect(nodeVersionProblem('v22.17.9')).not.toBeNull();
    for (const version of ['v22.18.0', 'v24.0.0', 'v100.0.0']) expect(nodeVersionProblem(version)).toBeNull();
  });
});
