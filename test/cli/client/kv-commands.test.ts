import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientCommand } from '../../../src/cli/client/client-command.ts';
import { keepLeaseAlive } from '../../../src/cli/client/leases.ts';
import type { KvOptions } from '../../../src/cli/client/list-keys.ts';
import type { Report } from '../../../src/cli/client/report.ts';
import { watchKeys } from '../../../src/cli/client/watch-keys.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from '../../store/http/single-node.ts';

let leader: SingleNode;
let follower: SingleNode;
let apis: HttpApi[];
let endpoints: readonly string[];

/** The follower first: every write has to find the leader. It has what the leader has. */
beforeEach(async () => {
  leader = new SingleNode(1);
  follower = new SingleNode(2);
  follower.refusal = { type: 'notLeader', leader: 1 };
  follower.readOutcome = { type: 'notLeader', leader: 1 };
  const leaderApi = await serve(leader);
  const endpoint = `http://127.0.0.1:${leaderApi.port}`;
  follower.current = {
    ...follower.current,
    role: 'follower',
    leader: 1,
    peers: [{ id: 1, link: 'open', endpoint }],
  };
  apis = [await serve(follower), leaderApi];
  endpoints = apis.map(({ port }) => `http://127.0.0.1:${port}`);
});
afterEach(async () => {
  await Promise.all(apis.map((api) => api.close(0)));
});

/** What the command prints, in all. */
const client = async (...args: readonly string[]) => {
  const reports: Report[] = [];
  const command = clientCommand('1.0.0', (report) => void reports.push(report));
  await command.parseAsync(['--endpoints', endpoints.join(','), ...args], { from: 'user' });
  return {
    code: reports.at(-1)?.exitCode,
    stdout: reports.map(({ stdout }) => String(stdout)).join(''),
    stderr: reports.map(({ stderr }) => stderr).join(''),
  };
};
const options = (): KvOptions => ({ endpoints, isTargeted: false, timeoutMs: 2000, asJson: false });

describe('raft-client list', () => {
  const fill = async () => {
    for (const [key, value] of [
      ['a/1', '1'],
      ['a/2', 'two\nlines'],
      ['b', '3'],
    ] as const)
      await client('put', key, value);
    leader.kv.store.begin();
  };

  it('prints a pair a line, and what would end the line escaped', async () => {
    await fill();
    expect(await client('list', 'a/')).toEqual({
      code: 0,
      stdout: 'a/1\t1\na/2\ttwo\\x0alines\n',
      stderr: '',
    });
    expect((await client('list', '--keys-only', '--order', 'desc')).stdout).toBe('b\na/2\na/1\n');
    expect((await client('list', '--from', 'a/2', '--to', 'b')).stdout).toBe('a/2\ttwo\\x0alines\n');
    expect((await client('list', '--count')).stdout).toBe('3\n');
    expect((await client('list', '--limit', '1')).stdout).toBe('a/1\t1\n');
  });

  it('-w json prints a line of JSON for each', async () => {
    await fill();
    expect((await client('-w', 'json', 'list', 'b')).stdout).toBe(
      '{"key":"b","value":"3","createRevision":1,"modRevision":1,"version":1}\n',
    );
  });

  it('goes on page by page as long as there is more', async () => {
    leader.kv.store.begin();
    for (let at = 0; at < 1001; at++)
      leader.kv.store.transact((transaction) => transaction.put(`k${1000 + at}`, new Uint8Array(), 0n));
    expect((await client('list', '--keys-only')).stdout.split('\n')).toHaveLength(1002);
    expect((await client('list', '--keys-only', '--limit', '1000')).stdout.split('\n')).toHaveLength(1001);
  });

  it('as of a revision that is forgotten is exit 1', async () => {
    await fill();
    leader.kv.store.transact((transaction) => transaction.put('c', new Uint8Array(), 0n));
    leader.kv.store.compact(2);
    const { code, stderr } = await client('list', '--revision', '1');
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: 'compacted', oldest: 2 });
  });

  it('of a node that is too old for it is exit 1, and says so', async () => {
    const old = createServer((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json', 'x-raft-node': '1' });
      response.end('{"error":"not_found","message":"no such path"}');
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    endpoints = [`http://127.0.0.1:${(old.address() as AddressInfo).port}`];
    const { code, stderr } = await client('list');
    old.close();
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: 'unsupported' });
  });

  it.each([
    [['list', 'a', '--from', 'b'], 'list takes a prefix, or --from and --to, not both'],
    [['watch'], 'watch needs <key> or --prefix <prefix>'],
    [['watch', 'a', '--prefix', 'b'], 'watch needs <key> or --prefix <prefix>'],
    [['del'], 'del needs <key> or --prefix <prefix>'],
    [['del', 'a', '--prefix', 'b'], 'del needs <key> or --prefix <prefix>'],
    [['txn', '/nowhere/txn.json'], 'cannot read /nowhere/txn.json: ENOENT'],
  ])('%j is refused: %s', async (args, words) => {
    await expect(client(...args)).rejects.toThrow(new UsageError(words));
  });
});

describe('raft-client del --prefix', () => {
  it('deletes them all, and says how many there were', async () => {
    for (const key of ['a/1', 'a/2', 'b']) await client('put', key, '1');
    expect(await client('del', '--prefix', 'a/')).toEqual({
      code: 0,
      stdout: 'OK leader=1 index=5 deleted=2\n',
      stderr: '',
    });
    expect((await client('-w', 'json', 'del', '--prefix', '')).stdout).toContain('"deleted":1');
  });
});

describe('raft-client txn', () => {
  it('does what a file says, and prints what came of each operation', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'raft-client-'));
    const file = join(directory, 'txn.json');
    await writeFile(
      file,
      '{"success":[{"type":"put","key":"a","value_text":"1"},{"type":"range","key":"a"}]}',
    );
    expect(await client('txn', file)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^OK leader=1 index=2 revision=2 succeeded=true\n\{"type":"put"\}\n\{"type":"range",.*"value":"MQ==".*\}\n$/,
      ),
    });
    await writeFile(file, '{"success":[{"type":"put"}]}');
    const { code, stderr } = await client('txn', file);
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: 'bad_request' });
    await rm(directory, { recursive: true });
  });
});

describe('raft-client lease', () => {
  it('grants, lists, shows, renews and revokes', async () => {
    expect((await client('lease', 'grant', '60', '--id', '7')).stdout).toBe('OK leader=1 lease=7 ttl=60\n');
    expect((await client('put', 'a', '1', '--lease', '7')).stdout).toBe('OK leader=1 index=3\n');
    expect((await client('lease', 'list')).stdout).toBe('ID  TTL   REMAINING\n7   60 s  60 s\n');
    expect((await client('lease', 'show', '7')).stdout).toMatch(/^lease=7 ttl=60 remaining=\d+ keys=1\na\n$/);
    expect((await client('lease', 'renew', '7')).stdout).toBe('OK leader=1 lease=7 ttl=60\n');
    expect(JSON.parse((await client('-w', 'json', 'lease', 'revoke', '7')).stdout)).toMatchObject({
      ok: true,
      leader: 1,
      id: '7',
    });
    expect(leader.readValue('a')).toBeNull();
    const { code, stderr } = await client('lease', 'show', '7');
    expect({ code, ...JSON.parse(stderr) }).toMatchObject({ code: 1, error: 'lease_not_found' });
  });

  it('keep-alive renews until it is interrupted, or the lease has ended', async () => {
    await client('lease', 'grant', '60', '--id', '7');
    const interrupt = new AbortController();
    const lines: string[] = [];
    await keepLeaseAlive('7', { ...options(), signal: interrupt.signal }, ({ stdout }) => {
      lines.push(String(stdout));
      interrupt.abort();
    });
    expect(lines).toEqual(['OK leader=1 lease=7 ttl=60\n']);
    await keepLeaseAlive('7', { ...options(), signal: interrupt.signal }, () => lines.push('again'));
    expect(lines).toHaveLength(1);
    await client('lease', 'revoke', '7');
    const reports: Report[] = [];
    const never = new AbortController().signal;
    await keepLeaseAlive('7', { ...options(), signal: never }, (report) => void reports.push(report));
    expect(reports).toMatchObject([{ exitCode: 1, stderr: expect.stringContaining('lease_not_found') }]);
  });
});

describe('raft-client watch', () => {
  /** Watches until so many lines have come, while `act` happens. */
  const watched = async (
    lines: number,
    act: (printed: readonly string[]) => unknown,
    changed: Partial<KvOptions & { readonly revision: number }> = {},
  ) => {
    const { revision, ...others } = changed;
    const interrupt = new AbortController();
    const printed: string[] = [];
    const reports: Report[] = [];
    const watching = watchKeys(
      { prefix: '', revision, prev: true },
      { ...options(), ...others, signal: interrupt.signal },
      (report) => {
        reports.push(report);
        printed.push(...String(report.stdout).split('\n').slice(0, -1));
        if (printed.length >= lines) interrupt.abort();
      },
    );
    const begun = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (leader.watches.size + follower.watches.size === 0 && reports.length === 0) return;
        clearInterval(look);
        resolve();
      }, 1);
    });
    await begun;
    await act(printed);
    await watching;
    return { printed, reports };
  };

  it('prints what happens, in text or in JSON, until it is interrupted', async () => {
    const text = await watched(2, async () => {
      await client('put', 'a', '1');
      await client('del', 'a');
    });
    expect(text.printed).toEqual(['put\ta\t1', 'delete\ta']);
    const json = await watched(1, () => client('put', 'a', '2'), { asJson: true });
    expect(json.printed.map((line) => JSON.parse(line))).toEqual([
      {
        type: 'put',
        revision: 4,
        key: 'a',
        value: '2',
        createRevision: 4,
        modRevision: 4,
        version: 1,
        prev: null,
      },
    ]);
    expect(text.reports.every(({ exitCode }) => exitCode === 0)).toBe(true);
  });

  it('goes on at another node when one is lost, and prints nothing twice', async () => {
    follower.readOutcome = null;
    follower.refusal = null;
    for (const { kv } of [leader, follower]) kv.store.begin();
    const both = (key: string) => {
      for (const { kv, watches } of [leader, follower]) {
        kv.store.transact((transaction) => {
          transaction.put(key, Buffer.from('1'), 0n);
          transaction.put(`${key}'`, Buffer.from('2'), 0n);
        });
        watches.changed();
      }
    };
    const { printed } = await watched(6, async (sofar) => {
      both('a');
      while (sofar.length < 2) await new Promise((resolve) => setImmediate(resolve));
      expect([leader.watches.size, follower.watches.size]).toEqual([0, 1]);
      await apis[0]!.close(0);
      both('b');
      both('c');
    });
    expect(printed).toEqual(
      ['a', "a'", 'b', "b'", 'c', "c'"].map((key, at) => `put\t${key}\t${(at % 2) + 1}`),
    );
  });

  it('of what is forgotten is exit 1, and says where to begin', async () => {
    leader.kv.store.begin();
    for (const key of ['a', 'b'])
      leader.kv.store.transact((transaction) => transaction.put(key, new Uint8Array(), 0n));
    leader.kv.store.compact(3);
    const { reports } = await watched(1, () => {}, { revision: 2 });
    expect(reports).toMatchObject([{ exitCode: 1 }]);
    expect(JSON.parse(reports[0]!.stderr)).toMatchObject({ error: 'compacted', oldest: 3 });
  });

  it('ends at once when it is interrupted, also while no node answers', async () => {
    leader.isHolding = true;
    const interrupt = new AbortController();
    const reports: Report[] = [];
    const watching = watchKeys(
      { key: 'a' },
      { ...options(), timeoutMs: 600_000, signal: interrupt.signal },
      (report) => void reports.push(report),
    );
    await leader.held(1);
    interrupt.abort();
    await watching;
    expect(reports).toEqual([]);
  });

  /** A server that answers each request with `events`, and ends the connection then if it `isBreaking`. Returns which `Last-Event-ID` it was asked for. */
  const serveEvents = async (events: string, isBreaking: boolean) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ headers }, response) => {
      asked.push(headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-raft-node': '1' });
      response.write(events);
      if (isBreaking) response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    others.push(server);
    return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const others: Server[] = [];
  afterEach(() => {
    for (const server of others.splice(0)) server.close();
  });

  it('of something else than our events is exit 1, and does not go on', async () => {
    const { endpoint } = await serveEvents('event: put\ndata: hello\nid: 1\n\n', false);
    endpoints = [endpoint];
    const { reports } = await watched(1, () => {});
    expect(reports).toMatchObject([{ exitCode: 1, stderr: expect.stringContaining('unexpected_answer') }]);
  });

  it('prints a revision once, though the connection breaks in the middle of it, and goes on with the next node', async () => {
    const put = (key: string, revision: number, id: string) =>
      `event: put\ndata: ${JSON.stringify({ revision, key, value: btoa(key) })}\n${id}\n`;
    const breaking = await serveEvents(put('a', 2, 'id: 2\n') + put('b', 3, ''), true);
    const next = await serveEvents(put('b', 3, '') + put('c', 3, 'id: 3\n'), false);
    endpoints = [breaking.endpoint, next.endpoint];
    const { printed } = await watched(3, () => {});
    expect(printed).toEqual(['put\ta\ta', 'put\tb\tb', 'put\tc\tc']);
    expect([breaking.asked, next.asked]).toEqual([[undefined], ['2']]);
  });

  it('that no node answers is exit 2 after the timeout', async () => {
    leader.readOutcome = { type: 'notLeader', leader: null };
    const { reports } = await watched(1, () => {}, { timeoutMs: 100 });
    expect(reports).toMatchObject([
      { exitCode: 2, stderr: expect.stringContaining('timed out after 100 ms') },
    ]);
  });
});
