import type { IncomingMessage } from 'node:http';

/** Whether a host of a URL is this machine by its name. */
export const isLoopback = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

/** Another site may make its name resolve to this machine; the Host header still gives that name. */
export const isForHere = ({ headers }: IncomingMessage): boolean =>
  isLoopback(URL.parse(`http://${headers.host}`)?.hostname ?? '');
