import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { changeMembers } from '../../../src/cli/client/change-members.ts';
import { putOperation } from '../../../src/cli/client/operations.ts';
import { parseGivenEndpoints, type ReachFlags, reachOf } from '../../../src/cli/client/reach.ts';
import { type Report, reportSession } from '../../../src/cli/client/report.ts';
import { runSession } from '../../../src/cli/client/session.ts';
import { askStatus, reportStatus } from '../../../src/cli/client/status.ts';
import { takeBackup } from '../../../src/cli/client/take-backup.ts';
import { transferLeader } from '../../../src/cli/client/transfer-leader.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from '../../store/http/single-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-dead-ends-'));
afterAll(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text, { mode: 0o600 });
  return join(directory, name);
};
const authorities = await Promise.all(['ours', 'theirs'].map((name) => makeAuthority(name)));
const [ours, theirs] = authorities.map(({ cert }, at) => write(`${at}.crt`, cert));
const pair = await makeCertificate(authorities[0]!, { name: 'n', uri: null, hosts: ['127.0.0.1'], days: 1 });
const tokenFile = write('token', 'a-token\n');

/** An HTTPS port that says nothing of itself: nobody gets as far as to ask. */
const https = createServer({ ...pair }, (_, response) => response.end());
https.listen(0, '127.0.0.1');
await once(https, 'listening');
afterAll(() => void https.close());
const httpsPort = (https.address() as AddressInfo).port;

let follower: SingleNode;
let api: HttpApi;
beforeEach(async () => {
  follower = new SingleNode(2);
  const leader = { type: 'notLeader', leader: 1 } as const;
  Object.assign(follower, { refusal: leader, readOutcome: leader });
  follower.changeOutcome = { type: 'refused', reason: 'notLeader', leader: 1 };
  follower.transferOutcome = { type: 'refused', reason: 'notLeader', leader: 1 };
  api = await serve(follower);
});
afterEach(() => api.close(0));
const leads = (endpoint: string): void => {
  follower.current = {
    ...follower.current,
    role: 'follower',
    leader: 1,
    peers: [{ id: 1, link: 'open', endpoint }],
  };
};
const followerUrl = () => `http://127.0.0.1:${api.port}`;

type Run = (list: string, flags: ReachFlags, timeoutMs: number) => Promise<Report>;
const optionsOf = (list: string, flags: ReachFlags, timeoutMs: number) => ({
  ...reachOf(parseGivenEndpoints(list), flags),
  isTargeted: false,
  timeoutMs,
  asJson: false,
});
const put: Run = async (...given) => {
  const end = await runSession(putOperation('x', Buffer.from('1')), optionsOf(...given));
  return reportSession(end, { command: 'put', key: 'x', asJson: false }, given[2]);
};
const transfer: Run = (...given) => transferLeader(null, optionsOf(...given));
const promote: Run = (...given) => changeMembers([{ type: 'promote', node: 4 }], optionsOf(...given));
const backup: Run = (...given) =>
  takeBackup(join(directory, 'never'), null, {
    ...optionsOf(...given),
    isStale: false,
    replaces: false,
    signal: new AbortController().signal,
    progress: { show: () => {}, end: () => {} },
  });
const status: Run = async (...given) => {
  const { reach, endpoints, timeoutMs } = optionsOf(...given);
  return { ...reportStatus(await askStatus(reach, endpoints, timeoutMs), false), stdout: '' };
};

const asking = { put, 'transfer-leader': transfer, 'member promote': promote, backup };
const longMs = 30_000;
const saysAtOnce = async (run: Run, list: string, flags: ReachFlags, line: RegExp): Promise<void> => {
  const begunMs = performance.now();
  const { exitCode, stdout, stderr } = await run(list, flags, longMs);
  expect({ exitCode, stdout, ...JSON.parse(stderr) }).toMatchObject({
    exitCode: 1,
    stdout: '',
    error: 'unreachable',
    message: expect.stringMatching(line),
    mayHaveHappened: false,
  });
  expect(performance.now() - begunMs).toBeLessThan(longMs / 3);
};

describe.each(Object.entries(asking))('%s by way of a follower alone', (_, run) => {
  it('says at once that the certificate of the leader is not trusted', async () => {
    leads(`https://127.0.0.1:${httpsPort}`);
    const list = `${followerUrl()},https://127.0.0.1:${httpsPort}`;
    await saysAtOnce(run, list, { cacert: theirs! }, /^the certificate of https:.*see --cacert$/);
    await saysAtOnce(run, followerUrl(), {}, /^the certificate of https:.*see --cacert$/);
  });

  it('says at once that the token is not sent to a leader that nobody named', async () => {
    leads('http://127.0.0.1:1');
    await saysAtOnce(run, followerUrl(), { tokenFile }, /the token is not sent to .* add it to --endpoints$/);
  });

  it('says at once that the leader speaks no TLS', async () => {
    leads(followerUrl().replace('http:', 'https:'));
    await saysAtOnce(run, followerUrl(), {}, /does not speak TLS 1.3: use http:\/\//);
  });
});

describe.each(Object.entries({ ...asking, status }))('%s', (_, run) => {
  it('says at once that each endpoint has another authority, or no TLS', async () => {
    const list = `https://127.0.0.1:${httpsPort},https://127.0.0.1:${api.port}`;
    await saysAtOnce(run, list, { cacert: theirs! }, /^the certificate of|^https:.* does not speak TLS/);
  });
});

describe.each([
  ['transfer-leader', transfer],
  ['member promote', promote],
])('%s that no leader was asked for', (_, run) => {
  it('cannot have happened', async () => {
    const closed = createTcpServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    leads(`http://127.0.0.1:${port}`);
    const { exitCode, stderr } = await run(followerUrl(), {}, 300);
    expect({ exitCode, ...JSON.parse(stderr) }).toMatchObject({
      exitCode: 2,
      error: 'timeout',
      mayHaveHappened: false,
    });
  });
});

it('a leader that is asked by its name, with its authority, is asked beside a follower without TLS', async () => {
  leads(`https://127.0.0.1:${httpsPort}`);
  const { stderr } = await transfer(
    `${followerUrl()},https://127.0.0.1:${httpsPort}`,
    { cacert: ours! },
    5000,
  );
  expect(JSON.parse(stderr)).toMatchObject({ error: 'unexpected_answer' });
});
