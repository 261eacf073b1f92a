import type { ServerResponse } from 'node:http';

/** Begins an answer of server-sent events. */
export const startEvents = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
};
