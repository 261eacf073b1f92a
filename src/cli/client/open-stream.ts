import type { IncomingMessage } from 'node:http';
import type { Operation } from './send-request.ts';

/** An import would load all of undici: see send-request.ts. */
const { request } = process.getBuiltinModule('node:http');

/** Sends a request without a body; resolves with the answer as it begins to arrive. Rejects with the system's error, and with the reason of `signal`. */
export const openStream = (
  endpoint: string,
  { method, path }: Operation,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${endpoint}${path}`, { method, agent: false });
    const abort = (): void => void outgoing.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort);
    outgoing.on('close', () => signal.removeEventListener('abort', abort));
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end();
    if (signal.aborted) abort();
  });
