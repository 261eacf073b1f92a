import type { Connection, ConnectionHandlers } from '../../ports/transport.ts';

/** A connection that fails, as those to nowhere do. */
export const unreachable = (handlers: ConnectionHandlers, reason: string): Connection => {
  setImmediate(() => handlers.closed(reason));
  return { remote: 'nowhere', send: () => false, close: () => {} };
};
