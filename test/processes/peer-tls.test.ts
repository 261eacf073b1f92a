import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityUri } from '../../src/adapters/tls/node-identity.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../src/cli/certs/make-certificates.ts';
import { type LogLine, ProcessCluster } from './process-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-tls-'));
const certsDir = join(directory, 'certs');
const fileOf = (id: number, kind: 'crt' | 'key' | 'ca') => join(certsDir, `${id}.${kind}`);
const lines: LogLine[] = [];
const said = (message: RegExp, of?: number): readonly LogLine[] =>
  lines.filter(({ msg, node }) => message.test(String(msg)) && (of === undefined || node === `node${of}`));

const give = async (id: number, authority: KeyPair, trusted = authority.cert): Promise<void> => {
  const uri = identityUri({ clusterId: 'raftchart', node: id });
  const { cert, key } = await makeCertificate(authority, { name: 'n', uri, hosts: ['127.0.0.1'], days: 2 });
  writeFileSync(fileOf(id, 'ca'), trusted);
  writeFileSync(fileOf(id, 'key'), key, { mode: 0o600 });
  writeFileSync(fileOf(id, 'crt'), cert);
};
const tlsFlags = (id: number): readonly string[] => [
  ...['--peer-cert', fileOf(id, 'crt')],
  ...['--peer-key', fileOf(id, 'key')],
  ...['--peer-cacert', fileOf(id, 'ca')],
];

let ours: KeyPair;
let cluster: ProcessCluster;
beforeAll(async () => {
  mkdirSync(certsDir);
  ours = await makeAuthority('ours');
  for (const id of [1, 2, 3]) await give(id, ours);
});
afterAll(() => rmSync(directory, { recursive: true }));

const until = async (isDone: () => boolean): Promise<void> => {
  const deadline = performance.now() + 20_000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error('nothing happened');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
/** Whether a majority takes a write. */
const writes = async (value: string): Promise<void> => {
  const leader = await cluster.leader();
  const url = `http://${cluster.endpoints[leader - 1]}/v1/kv/x`;
  const { status } = await fetch(url, { method: 'PUT', body: value });
  expect(status).toBe(200);
};

describe.each(['tcp', 'http'])(
  'a cluster whose nodes prove who they are, with --transport %s',
  (transport) => {
    beforeAll(async () => {
      lines.length = 0;
      cluster = await ProcessCluster.start({
        size: 3,
        dataDir: join(directory, transport),
        flags: ['--election-timeout', '600-1200', '--transport', transport],
        flagsOf: tlsFlags,
        onLog: (_, line) => lines.push(line),
      });
    });
    afterAll(() => cluster.stop());

    it('elects and replicates, and nobody else may read what it keeps', async () => {
      await writes('a');
      expect(statSync(cluster.dataDirOf(1)).mode & 0o777).toBe(0o700);
      expect(statSync(join(cluster.dataDirOf(1), 'wal-0000000001.log')).mode & 0o777).toBe(0o600);
    });

    it('takes new certificates without a restart, on SIGHUP or by itself', async () => {
      for (const id of [1, 2, 3]) await give(id, ours);
      process.kill(cluster.pid(1), 'SIGHUP');
      await until(() => [1, 2, 3].every((id) => said(/^certificates are reloaded$/, id).length > 0));
      await writes('b');
    });

    it('refuses a node with a certificate of an authority that it does not trust, and goes on', async () => {
      const leader = await cluster.leader();
      const follower = [1, 2, 3].find((id) => id !== leader)!;
      await cluster.end(follower, 'SIGKILL');
      const before = lines.length;
      const theirs = await makeAuthority('theirs');
      await give(follower, theirs, theirs.cert + ours.cert);
      cluster.start(follower);
      await until(() =>
        lines
          .slice(before)
          .some(
            ({ msg, reason }) => /peer port is refused/.test(String(msg)) && /trust/.test(String(reason)),
          ),
      );
      await writes('c');
      await give(follower, ours);
      await until(() => said(/^certificates are reloaded$/, follower).length > 1);
      await writes('d');
    });

    it('does not start where its client port is in use', async () => {
      const flagsOf = () => [
        ...tlsFlags(1),
        '--transport',
        transport,
        '--listen-client',
        cluster.endpoints[0]!,
      ];
      await refuses(flagsOf, /^cannot serve clients on .*: the port is in use/);
    });
  },
);

const refuses = async (flagsOf: (id: number) => readonly string[], line: RegExp): Promise<void> => {
  const other = await ProcessCluster.reserve({ size: 1, dataDir: join(directory, 'other'), flagsOf });
  const { code, stderr } = other.refused(1);
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
};

describe('a node with certificates', () => {
  it.each<[string, (id: number) => readonly string[], RegExp]>([
    [
      'another node’s certificate',
      () => tlsFlags(2),
      /2\.crt cannot be used by node1: it is issued to node2/,
    ],
    [
      'one of three files',
      () => ['--peer-cert', fileOf(1, 'crt')],
      /^--peer-cert, --peer-key and --peer-cacert belong together/,
    ],
    [
      'a peer port that other machines reach',
      () => ['--listen-peer', '0.0.0.0:0'],
      /^--listen-peer 0\.0\.0\.0:0 can be reached from other machines, without TLS: .*--insecure-network/,
    ],
    [
      'a client port that other machines reach',
      () => ['--listen-client', '[::]:0'],
      /^--listen-client \[::\]:0 can be reached from other machines, without TLS: .*--insecure-network/,
    ],
  ])('does not start with %s, and says so in one line', (_, flagsOf, line) => refuses(flagsOf, line));
});
