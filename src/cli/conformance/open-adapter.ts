import { parseAddress } from '../../ports/address.ts';
import { UsageError } from '../usage-error.ts';
import { AdapterConnection } from './adapter-connection.ts';
import type { AdapterLines } from './adapter-lines.ts';
import { AdapterProcess } from './adapter-process.ts';

/** What `--adapter` names: the address of an adapter that already runs, or a shell command that is one. Nothing is started yet. */
export const openAdapter = (adapter: string, timeoutMs: number): AdapterLines => {
  if (adapter.trim() === '')
    throw new UsageError('--adapter is empty: expected a command, or tcp://HOST:PORT');
  const [, scheme, rest = ''] = /^\s*([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(adapter) ?? [];
  if (scheme === undefined) return new AdapterProcess(adapter, timeoutMs);
  const address = scheme.toLowerCase() === 'tcp' ? parseAddress(rest) : null;
  if (address === null || address.port === 0) {
    throw new UsageError(`--adapter: expected tcp://HOST:PORT, got "${adapter}"`);
  }
  return new AdapterConnection(address, timeoutMs);
};
