import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChangeOptions, changeMembers } from '../../src/cli/client/change-members.ts';
import { clientCommand } from '../../src/cli/client/client-command.ts';
import { listMembers } from '../../src/cli/client/list-members.ts';
import { plainReach } from '../../src/cli/client/reach.ts';
import type { Report } from '../../src/cli/client/report.ts';
import type { ChangeOutcome, NodeStatus } from '../../src/node/node.ts';
import type { HttpApi } from '../../src/store/http/server.ts';
import { SingleNode, serve } from '../store/http/single-node.ts';

let leader: SingleNode;
let follower: SingleNode;
let apis: HttpApi[];
let options: ChangeOptions;

const promote = [{ type: 'promote', node: 4 }] as const;
const urlOf = (api: HttpApi) => `http://127.0.0.1:${api.port}`;

beforeEach(async () => {
  leader = new SingleNode(1);
  follower = new SingleNode(2);
  apis = [await serve(leader), await serve(follower)];
  const [one, two] = apis.map(urlOf);
  const known = (id: number, endpoint: string) => [{ id, link: 'open' as const, endpoint }];
  leader.current = { ...leader.current, peers: known(2, two!) };
  follower.current = { ...follower.current, role: 'follower', leader: 1, peers: known(1, one!) };
  follower.changeOutcome = { type: 'refused', reason: 'notLeader', leader: 1 };
  options = { endpoints: [two!], isTargeted: false, timeoutMs: 2000, asJson: false };
});
afterEach(async () => {
  await Promise.all(apis.map((api) => api.close(0)));
});

const refused = (reason: Extract<ChangeOutcome, { type: 'refused' }>['reason']): ChangeOutcome => ({
  type: 'refused',
  reason,
  leader: 1,
});
const errorOf = ({ stdout, stderr, exitCode }: Report) => ({ stdout, exitCode, ...JSON.parse(stderr) });

describe('changing members', () => {
  it('finds the leader, and says whether anything has changed', async () => {
    expect(await changeMembers(promote, options)).toEqual({
      stdout: 'OK changed index=1\n',
      stderr: '',
      exitCode: 0,
    });
    leader.changeOutcome = refused('unchanged');
    expect(await changeMembers(promote, { ...options, asJson: true })).toEqual({
      stdout: '{"ok":true,"changed":false,"index":0}\n',
      stderr: '',
      exitCode: 0,
    });
    expect(leader.changes).toEqual([promote, promote]);
    expect(follower.changes).toEqual([]);
  });

  it('waits for the disk that is to take the place of another, and says after the timeout that it has not come', async () => {
    const [one, two] = [1, 2].map((id) => ({ peer: `127.0.0.1:700${id}`, client: null, logId: null }));
    const { configuration, peers } = leader.current;
    const absent: NodeStatus = {
      ...leader.current,
      configuration: { ...configuration, voters: [1, 2], members: { 1: one!, 2: two! } },
      peers: peers.map((peer) => ({ ...peer, link: 'backingOff' })),
    };
    leader.current = absent;
    const replace = [{ type: 'replace', node: 2 }] as const;
    const given = await changeMembers(replace, { ...options, timeoutMs: 200 });
    expect(errorOf(given)).toMatchObject({ exitCode: 1, error: 'no_other_disk' });
    let looks = 0;
    const members = { 1: one!, 2: { ...two!, logId: '2'.repeat(32) } };
    const there: NodeStatus = { ...absent, configuration: { ...absent.configuration, members }, peers };
    Object.defineProperty(leader, 'current', { get: () => (looks++ < 20 ? absent : there) });
    expect(await changeMembers(replace, options)).toMatchObject({ exitCode: 0 });
    expect(looks).toBeGreaterThan(20);
  });

  it('waits longer than the timeout while the leader leads', async () => {
    leader.isHolding = true;
    const changed = changeMembers(promote, { ...options, timeoutMs: 500 });
    await leader.held(1);
    // It looks twice a second whether that leader still leads.
    const looks = vi.spyOn(leader, 'status');
    while (looks.mock.calls.length < 4) await new Promise((resolve) => setImmediate(resolve));
    leader.release();
    expect(await changed).toMatchObject({ exitCode: 0 });
  });

  it('asks the next leader for the same where the first was deposed meanwhile', async () => {
    leader.isHolding = true;
    const changed = changeMembers(promote, options);
    await leader.held(1);
    leader.current = { ...leader.current, role: 'follower', term: 3, leader: 2 };
    follower.current = { ...follower.current, role: 'leader', term: 3, leader: 2 };
    // It completes what the first one began, and is not done yet.
    follower.changeOutcome = refused('changing');
    while (follower.changes.length < 2) await new Promise((resolve) => setImmediate(resolve));
    follower.changeOutcome = refused('unchanged');
    expect(await changed).toMatchObject({ stdout: 'OK unchanged index=0\n', exitCode: 0 });
    leader.release();
  });

  it('is repeated where its outcome is not known, and where the leader is not ready', async () => {
    leader.changeOutcome = { type: 'unknownOutcome' };
    const changed = changeMembers(promote, options);
    while (leader.changes.length < 1) await new Promise((resolve) => setImmediate(resolve));
    leader.changeOutcome = refused('notReady');
    while (leader.changes.length < 2) await new Promise((resolve) => setImmediate(resolve));
    leader.changeOutcome = { type: 'changed', index: 9 };
    expect(await changed).toMatchObject({ stdout: 'OK changed index=9\n' });
  });

  it('names the disk of which the leader knows, so that the next leader is asked for the same', async () => {
    const logId = 'b'.repeat(32);
    const refusal = { by: 1, reason: 'another disk', otherLogId: logId };
    const [peer] = leader.current.peers;
    leader.current = { ...leader.current, peers: [{ ...peer!, link: 'refused', refusal }] };
    const learner = { peer: 'two:7002', client: null, logId: null, wasVoter: true as const };
    const { configuration } = leader.current;
    const members = { ...configuration.members, 2: learner };
    leader.current = { ...leader.current, configuration: { ...configuration, learners: [2], members } };
    leader.changeOutcome = refused('notReady');
    const replaced = changeMembers([{ type: 'replace', node: 2 }], options);
    while (leader.changes.length < 1) await new Promise((resolve) => setImmediate(resolve));
    leader.current = { ...leader.current, peers: [{ ...peer!, link: 'backingOff' }] };
    leader.changeOutcome = refused('noVoter');
    expect(await replaced).toMatchObject({ exitCode: 1 });
    const update = { type: 'update', node: 2, member: { peer: 'two:7002', client: null, logId } };
    for (const changes of leader.changes) expect(changes).toEqual([update]);
  });

  it.each(['changing', 'memberUnknown', 'noVoter', 'notCaughtUp'] as const)(
    'ends at once, exit 1, where the leader refuses: %s',
    async (reason) => {
      leader.changeOutcome = refused(reason);
      expect(errorOf(await changeMembers(promote, options))).toMatchObject({
        exitCode: 1,
        stdout: '',
        error: reason.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        message: expect.any(String),
      });
      expect(leader.changes).toHaveLength(1);
    },
  );

  it('gives up after the timeout where there is no leader, exit 2', async () => {
    follower.current = { ...follower.current, leader: null };
    expect(errorOf(await changeMembers(promote, { ...options, timeoutMs: 200 }))).toMatchObject({
      exitCode: 2,
      error: 'timeout',
      message: 'timed out after 200 ms without a leader (no leader is known)',
      mayHaveHappened: false,
    });
  });

  it('gives up after the timeout where nobody can be reached at the address of the leader: nothing was sent', async () => {
    // No TCP connection goes to a broadcast address, and that is no ECONNREFUSED.
    const peers = [{ id: 1, link: 'open' as const, endpoint: 'http://255.255.255.255:9' }];
    follower.current = { ...follower.current, peers };
    expect(errorOf(await changeMembers(promote, { ...options, timeoutMs: 200 }))).toMatchObject({
      exitCode: 2,
      error: 'timeout',
      message: expect.stringMatching(
        /^timed out after 200 ms \((?!ECONNREFUSED)E[A-Z]+ at http:..255\.255\.255\.255:9\)$/,
      ),
      mayHaveHappened: false,
    });
  });

  it.each([
    [
      'ends every connection',
      // The last one may lie just before the end.
      'ECONNRESET|no answer',
      (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['is frozen: it takes connections and says nothing', 'no answer', () => {}],
  ])('gives up after the timeout where the leader %s', async (_, problem, onConnection) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets: Socket[] = [];
    server.on('connection', (socket) => {
      sockets.push(socket.on('error', () => {}));
      onConnection(socket);
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    follower.current = { ...follower.current, peers: [{ id: 1, link: 'open' as const, endpoint }] };
    expect(errorOf(await changeMembers(promote, { ...options, timeoutMs: 300 }))).toMatchObject({
      exitCode: 2,
      error: 'timeout',
      message: expect.stringMatching(`^timed out after 300 ms [(](${problem}) at ${endpoint}[)]$`),
      mayHaveHappened: true,
    });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('asks again where the same node leads in a later term: it was deposed meanwhile', async () => {
    leader.isHolding = true;
    const changed = changeMembers(promote, { ...options, timeoutMs: 120_000 });
    await leader.held(1);
    leader.current = { ...leader.current, term: 3 };
    await leader.held(2);
    leader.changeOutcome = refused('unchanged');
    leader.release();
    expect(await changed).toMatchObject({ stdout: 'OK unchanged index=0\n', exitCode: 0 });
  });

  it('does not take a follower that has not heard of the new leader for one that knows better', async () => {
    leader.isHolding = true;
    const changed = changeMembers(promote, options);
    await leader.held(1);
    follower.current = { ...follower.current, term: 1, leader: 2 };
    const looks = vi.spyOn(leader, 'status');
    while (looks.mock.calls.length < 3) await new Promise((resolve) => setImmediate(resolve));
    leader.release();
    expect(await changed).toMatchObject({ exitCode: 0 });
    expect(leader.changes).toHaveLength(1);
  });

  it('asks one node only with --target, exit 3 where that does not lead', async () => {
    const reply = await changeMembers(promote, { ...options, isTargeted: true });
    expect(errorOf(reply)).toMatchObject({ exitCode: 3, error: 'not_leader', leader: 'node1' });
    expect([follower.changes.length, leader.changes.length]).toEqual([1, 0]);
  });
});

describe('member commands', () => {
  const run = async (...args: readonly string[]): Promise<Report> => {
    const reports: Report[] = [];
    const command = clientCommand('0', (report) => reports.push(report));
    const endpoints = options.endpoints.map((url) => url.replace('http://', '')).join();
    await command.parseAsync(['node', 'raft-client', ...args, '--endpoints', endpoints]);
    return reports[0]!;
  };

  it('ask for what they say', async () => {
    for (const args of [
      ['add', '4', '--peer', ':7004', '--client', 'http://four:8004/'],
      ['promote', '4'],
      ['demote', '2'],
      ['remove', '1'],
      [
        'change',
        '--remove',
        '1',
        '--add',
        '5=[::1]:7005',
        '--add',
        '6=six:7006',
        '--promote',
        '4',
        '--demote',
        '2',
      ],
    ]) {
      expect(await run('member', ...args)).toMatchObject({ exitCode: 0 });
    }
    const member = (peer: string, client: string | null = null) => ({ peer, client, logId: null });
    expect(leader.changes).toEqual([
      [{ type: 'add', node: 4, member: member('127.0.0.1:7004', 'http://four:8004') }],
      [{ type: 'promote', node: 4 }],
      [{ type: 'demote', node: 2 }],
      [{ type: 'remove', node: 1 }],
      [
        { type: 'add', node: 5, member: member('[::1]:7005') },
        { type: 'add', node: 6, member: member('six:7006') },
        { type: 'promote', node: 4 },
        { type: 'demote', node: 2 },
        { type: 'remove', node: 1 },
      ],
    ]);
  });

  it.each([
    [['add', '4', '--peer', '0.0.0.0:7004'], /at which the others reach the node/],
    [['update', '4', '--peer', '[::]:7004'], /at which the others reach the node/],
    [['add', '4', '--peer', 'four:0'], /a port from 1 to 65535/],
    [['change', '--remove', '5', '--promote', '5'], /^change names node5 twice$/],
    [['change', '--demote', '5', '--add', '5=five:7005'], /^change names node5 twice$/],
  ])('ask nobody for what cannot be: %j', async (args, message) => {
    await expect(run('member', ...args)).rejects.toThrow(message);
    expect(leader.changes).toEqual([]);
  });

  it('wait for no negative time where that is over before the leader is asked', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const hanging = createServer(() => {}).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const silent = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    options = { ...options, endpoints: [...options.endpoints, silent] };
    await run('member', 'promote', '4', '--timeout', '50ms');
    const waits = timers.mock.calls.map(([, ms]) => ms ?? 0);
    timers.mockRestore();
    hanging.close();
    // Of a negative one Node.js warns on stderr, in three lines.
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });

  it('list the members as the leader knows them, as a table or as JSON', async () => {
    const known = { peer: '127.0.0.1:7001', client: null, logId: null };
    leader.current = {
      ...leader.current,
      configuration: {
        index: 7,
        isCommitted: false,
        voters: [1],
        outgoing: [1, 2],
        learners: [4],
        members: {
          1: known,
          2: { ...known, matchIndex: 6 },
          4: { ...known, client: 'http://four', matchIndex: 0 },
        },
      },
    };
    const { stdout } = await run('member', 'list');
    expect(
      String(stdout)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['NODE', 'PART', 'PEER', 'CLIENT', 'MATCH'],
      ['node1', 'voter', '127.0.0.1:7001', urlOf(apis[0]!), 'leads'],
      ['node2', 'leaving', '127.0.0.1:7001', urlOf(apis[1]!), '6'],
      ['node4', 'learner', '127.0.0.1:7001', 'http://four', '0'],
      ['configuration 7, not committed yet'],
      [''],
    ]);
    const json = await run('member', 'list', '-w', 'json');
    expect(JSON.parse(String(json.stdout))).toEqual({ leader: 'node1', ...leader.current.configuration });
  });

  it.each([
    ['voter', 'configuration 0, as node1 knows it: no leader is known'],
    ['removed', 'configuration 0, as node1 knows it: node1 was removed from the cluster'],
    ['waiting', 'configuration 0, as node1 knows it, which is waiting to be added'],
  ] as const)('list says so where nobody leads, of a node that is %s', async (standing, line) => {
    options = { ...options, endpoints: [urlOf(apis[0]!)] };
    leader.current = { ...leader.current, role: 'follower', leader: null, standing, peers: [] };
    const { stdout, exitCode } = await run('member', 'list');
    expect([String(stdout).trimEnd().split('\n').at(-1), exitCode]).toEqual([line, 0]);
  });

  it('list asks those that know of members, where others are of a version that does not', async () => {
    // As a node of version 0.1.0 answers.
    const old = (node: SingleNode) => {
      const { configuration, standing, ...rest } = node.current;
      node.current = rest as NodeStatus;
    };
    old(leader);
    expect(await run('member', 'list')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('configuration 0'),
    });
    const { configuration } = follower.current;
    const nobody = { ...configuration, members: null } as unknown as NodeStatus['configuration'];
    follower.current = { ...follower.current, configuration: nobody };
    expect(await run('member', 'list')).toMatchObject({ exitCode: 1 });
    old(follower);
    expect(errorOf(await run('member', 'list'))).toMatchObject({
      exitCode: 1,
      error: 'unsupported',
      message: expect.stringMatching(
        /^the nodes at http:\S+ and http:\S+ do not tell who the members are: they run an older version$/,
      ),
    });
  });

  it('list says which endpoints do not answer, exit 2', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    options = { ...options, endpoints: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] };
    server.close();
    expect(errorOf(await run('member', 'list'))).toMatchObject({ exitCode: 2, error: 'timeout' });
  });
});

describe('member list', () => {
  it('shows where the leader answers, and what nodes say of themselves rather than what the configuration was told', async () => {
    const [one, two] = apis.map(urlOf);
    const told = (id: number, client: string | null) => ({ peer: `127.0.0.1:700${id}`, client, logId: null });
    const { configuration } = leader.current;
    const members = { 1: told(1, null), 2: told(2, 'http://stale.example:8002') };
    leader.current = { ...leader.current, configuration: { ...configuration, voters: [1, 2], members } };
    const { stdout } = await listMembers(plainReach, [two!], 2000, false);
    const rows = String(stdout)
      .split('\n')
      .map((row) => row.split(/ +/));
    expect(rows.slice(1, 3).map(([node, , , client]) => [node, client])).toEqual([
      ['node1', one],
      ['node2', two],
    ]);
  });
});
