import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityUri } from '../src/adapters/tls/node-identity.ts';
import { makeAuthority, makeCertificate } from '../src/cli/certs/make-certificates.ts';
import { comparePaired } from './paired-clusters.ts';

/** What TLS between the nodes costs. */
const directory = mkdtempSync(join(tmpdir(), 'raftchart-bench-tls-'));
const authority = await makeAuthority('bench');
const fileOf = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const ca = fileOf('ca.crt', authority.cert);
const flags = new Map<number, readonly string[]>();
for (const node of [1, 2, 3]) {
  const uri = identityUri({ clusterId: 'raftchart', node });
  const { cert, key } = await makeCertificate(authority, { name: 'n', uri, hosts: ['127.0.0.1'], days: 1 });
  flags.set(node, [
    ...['--peer-cert', fileOf(`${node}.crt`, cert)],
    ...['--peer-key', fileOf(`${node}.key`, key)],
    ...['--peer-cacert', ca],
  ]);
}
await comparePaired({}, { flagsOf: (id) => flags.get(id)! }, () => {});
rmSync(directory, { recursive: true });
