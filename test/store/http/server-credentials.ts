import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { Credentials } from '../../../src/adapters/tls/credentials.ts';
import { makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { silentLog } from '../../../src/ports/log.ts';

/** Of a server on 127.0.0.1, its files in `directory`, and the certificate of the authority behind them. The caller closes `tls`. */
export const serverCredentials = async (directory: string): Promise<{ tls: Credentials; ca: string }> => {
  const authority = await makeAuthority('ours');
  const pair = await makeCertificate(authority, { name: 'n', uri: null, hosts: ['127.0.0.1'], days: 1 });
  const files = { cert: join(directory, 'n.crt'), key: join(directory, 'n.key'), ca: null };
  writeFileSync(files.cert, pair.cert);
  writeFileSync(files.key, pair.key, { mode: 0o600 });
  const tls = new Credentials({ files, identity: null, clock: systemClock, log: silentLog });
  return { tls, ca: authority.cert };
};
