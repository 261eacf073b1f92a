import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityUri } from '../../src/adapters/tls/node-identity.ts';
import { makeAuthority, makeCertificate } from '../../src/cli/certs/make-certificates.ts';
import { getOperation, putOperation } from '../../src/cli/client/operations.ts';
import {
  parseGivenEndpoint,
  parseGivenEndpoints,
  type ReachFlags,
  reachOf,
} from '../../src/cli/client/reach.ts';
import { runSession } from '../../src/cli/client/session.ts';
import { askStatus } from '../../src/cli/client/status.ts';
import { transferLeader } from '../../src/cli/client/transfer-leader.ts';
import { newToken } from '../../src/store/http/access/tokens.ts';
import { ProcessCluster } from './process-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-switch-'));
const path = (name: string) => join(directory, name);
const write = (name: string, text: string): string => {
  writeFileSync(path(name), text, { mode: 0o600 });
  return path(name);
};
const ids = [1, 2, 3];
const peerFlags = (id: number) => [
  ...['--peer-cert', path(`${id}.crt`), '--peer-key', path(`${id}.key`), '--peer-cacert', path('ca.crt')],
];
const clientFlags = (id: number) => ['--client-cert', path(`${id}.crt`), '--client-key', path(`${id}.key`)];

beforeAll(async () => {
  const authority = await makeAuthority('a');
  write('ca.crt', authority.cert);
  for (const id of ids) {
    const uri = identityUri({ clusterId: 'raftchart', node: id });
    const pair = await makeCertificate(authority, { name: 'n', uri, hosts: ['127.0.0.1'], days: 1 });
    write(`${id}.crt`, pair.cert);
    write(`${id}.key`, pair.key);
  }
  const { token, line } = newToken('admin', 'root');
  write('tokens', line);
  write('token', token);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What `raft-client --endpoints list` does, with this token. */
const clientOf = (list: string, flags: ReachFlags = {}) => {
  const given = reachOf(parseGivenEndpoints(list), { tokenFile: path('token'), ...flags });
  const options = { ...given, isTargeted: false, timeoutMs: 20_000, asJson: false };
  return {
    put: async (key: string, value: string) =>
      expect(await runSession(putOperation(key, Buffer.from(value)), options)).toMatchObject({
        state: 'succeeded',
      }),
    get: async (key: string) =>
      (await runSession(getOperation(key, 'linearizable'), options)).reply?.body.toString(),
    /** Resolves once `raft-client status` shows that node `id` has applied all that is committed. */
    hasApplied: (id: number) =>
      expect
        .poll(
          async () => {
            const answers = await askStatus(options.reach, options.endpoints, 5000);
            const nodes = answers.flatMap((answer) => ('status' in answer ? [answer.status] : []));
            const committed = Math.max(...nodes.map(({ commitIndex }) => commitIndex));
            return nodes.find((node) => node.id === id)?.lastApplied === committed;
          },
          { timeout: 20_000 },
        )
        .toBe(true),
    transferLeader: async (id: number) =>
      expect(await transferLeader(id, options)).toMatchObject({ stdout: `OK leader=${id}\n` }),
  };
};

/** Three nodes, without TLS anywhere. */
const started = async (name: string): Promise<ProcessCluster> => {
  const options = {
    size: 3,
    dataDir: path(name),
    flags: ['--election-timeout', '600-1200', '--token-file', path('tokens')],
  };
  const { members, endpoints } = await ProcessCluster.reserve(options);
  const { reach } = reachOf(endpoints.map(parseGivenEndpoint), { tokenFile: path('token') });
  const cluster = ProcessCluster.of({ ...options, reach }, members);
  await cluster.startAll();
  return cluster;
};

describe('docs/security.md, Bringing TLS into a running cluster', () => {
  it('a list that names both schemes of each node serves while the client ports change, one node after the other', async () => {
    const cluster = await started('client-port');
    try {
      const both = cluster.endpoints.flatMap((each) => [`https://${each}`, `http://${each}`]).join();
      const { put, get, hasApplied, transferLeader } = clientOf(both, { cacert: path('ca.crt') });
      const serves = async (value: string) => {
        await put('x', value);
        expect(await get('x')).toBe(value);
      };
      await serves('none');
      for (const id of ids) {
        await cluster.end(id, 'SIGTERM');
        cluster.start(id, ids, clientFlags(id));
        await serves(`node${id}`);
        await hasApplied(id);
        await transferLeader(id);
        await serves(`node${id} leads`);
      }
    } finally {
      await cluster.stop();
    }
  });

  it('the peer ports change one node after the other: nothing is lost, and there is a leader again once a majority has changed', async () => {
    const cluster = await started('peer-port');
    try {
      const { put, get } = clientOf(cluster.endpoints.map((each) => `http://${each}`).join());
      for (const id of ids) {
        await put(`before ${id}`, '1');
        await cluster.end(id, 'SIGTERM');
        cluster.start(id, ids, peerFlags(id));
      }
      await put('after', '1');
      for (const id of ids) expect(await get(`before ${id}`)).toBe('1');
    } finally {
      await cluster.stop();
    }
  });
});
