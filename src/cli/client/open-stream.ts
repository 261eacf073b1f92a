import type { IncomingMessage } from 'node:http';
import type { Reach } from './reach.ts';
import { beginRequest, type Operation } from './send-request.ts';

/** Sends a request without a body; resolves with the answer as it begins to arrive. Rejects with the system's error, and with the reason of `signal`. */
export const openStream = (
  reach: Reach,
  endpoint: string,
  operation: Operation,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = beginRequest(reach, endpoint, operation, {});
    const abort = (): void => void outgoing.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort);
    outgoing.on('close', () => signal.removeEventListener('abort', abort));
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end();
    if (signal.aborted) abort();
  });
