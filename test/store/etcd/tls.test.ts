import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { Credentials } from '../../../src/adapters/tls/credentials.ts';
import { identityUri } from '../../../src/adapters/tls/node-identity.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { type EtcdCluster, startEtcdCluster } from './etcd-cluster.ts';
import { GrpcClient } from './grpc-client.ts';

const key = Buffer.from('a');

describe('over TLS, the etcd API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-etcd-tls-'));
  let authority: KeyPair;
  let server: KeyPair;
  let client: KeyPair;
  let peer: KeyPair;
  let cluster: EtcdCluster;
  const closing: (() => unknown)[] = [];

  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  beforeAll(async () => {
    authority = await makeAuthority('test');
    const days = 1;
    server = await makeCertificate(authority, { name: 'server', uri: null, hosts: ['127.0.0.1'], days });
    client = await makeCertificate(authority, { name: 'client', uri: null, hosts: [], days });
    peer = await makeCertificate(authority, {
      name: 'peer',
      uri: identityUri({ clusterId: 'test', node: 1 }),
      hosts: [],
      days,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const start = async (asksForCertificates: boolean): Promise<string> => {
    const tls = new Credentials({
      files: {
        cert: write('server.crt', server.cert),
        key: write('server.key', server.key),
        ca: asksForCertificates ? write('ca.crt', authority.cert) : null,
      },
      identity: null,
      clock: systemClock,
      log: silentLog,
    });
    closing.push(() => tls.close());
    cluster = await startEtcdCluster(1, { tls });
    closing.push(() => cluster.close());
    return (await cluster.leader()).endpoint;
  };
  const clientOf = (endpoint: string, own: KeyPair | null = null): GrpcClient => {
    const secured = credentials.createSsl(
      Buffer.from(authority.cert),
      own === null ? null : Buffer.from(own.key),
      own === null ? null : Buffer.from(own.cert),
    );
    const made = new GrpcClient(endpoint, secured);
    closing.push(() => made.close());
    return made;
  };

  it('serves whoever trusts its certificate, and nobody without TLS', async () => {
    const endpoint = await start(false);
    expect(await clientOf(endpoint).kv('Put', { key })).toHaveProperty('answer');
    const plain = new GrpcClient(endpoint);
    closing.push(() => plain.close());
    expect(await plain.kv('Put', { key })).toMatchObject({ code: status.UNAVAILABLE });
  });

  it('serves clients with a certificate, and neither those without nor nodes, where it asks for one', async () => {
    const endpoint = await start(true);
    expect(await clientOf(endpoint, client).kv('Put', { key })).toHaveProperty('answer');
    expect(await clientOf(endpoint).kv('Put', { key })).toMatchObject({ code: status.UNAVAILABLE });
    expect(await clientOf(endpoint, peer).kv('Put', { key })).toMatchObject({ code: status.UNAVAILABLE });
    expect(cluster.nodes[0]!.kv.store.map.get('a')?.version).toBe(1);
  });
});
