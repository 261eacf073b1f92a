import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityUri } from '../src/adapters/tls/node-identity.ts';
import { makeAuthority, makeCertificate } from '../src/cli/certs/make-certificates.ts';
import { parseGivenEndpoint, reachOf } from '../src/cli/client/reach.ts';
import { comparePaired } from './paired-clusters.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What TLS costs, between the nodes or, with the argument `clients`, HTTPS between them and their clients; the load then needs wrk. */
const directory = temporaryDirectory();
const authority = await makeAuthority('bench');
const fileOf = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const ca = fileOf('ca.crt', authority.cert);
const port = process.argv[2] === 'clients' ? 'client' : 'peer';
const flags = new Map<number, readonly string[]>();
for (const node of [1, 2, 3]) {
  const uri = identityUri({ clusterId: 'raftchart', node });
  const { cert, key } = await makeCertificate(authority, { name: 'n', uri, hosts: ['127.0.0.1'], days: 1 });
  flags.set(node, [
    ...[`--${port}-cert`, fileOf(`${node}.crt`, cert)],
    ...[`--${port}-key`, fileOf(`${node}.key`, key)],
    ...(port === 'peer' ? ['--peer-cacert', ca] : []),
  ]);
}
const { reach } = reachOf([parseGivenEndpoint('https://127.0.0.1:1')], { cacert: ca });
const clients = port === 'client' ? { reach } : {};
await comparePaired({}, { flagsOf: (id) => flags.get(id)!, ...clients }, () => {});
