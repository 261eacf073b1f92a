import { parseAddress } from '../../ports/address.ts';
import { UsageError } from '../usage-error.ts';
import { AdapterConnection } from './adapter-connection.ts';
import type { AdapterLines } from './adapter-lines.ts';
import { AdapterProcess } from './adapter-process.ts';

const scheme = 'tcp://';

/** What `--adapter` names: the address of an adapter that already runs, or a shell command that is one. Nothing is started yet. */
export const openAdapter = (adapter: string, timeoutMs: number): AdapterLines => {
  if (!adapter.startsWith(scheme)) return new AdapterProcess(adapter, timeoutMs);
  const address = parseAddress(adapter.slice(scheme.length));
  if (address === null || address.port === 0) {
    throw new UsageError(`--adapter: expected ${scheme}HOST:PORT, got "${adapter}"`);
  }
  return new AdapterConnection(address, timeoutMs);
};
