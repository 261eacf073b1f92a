import { protectiveHeaders } from './access/protective-headers.ts';

/** An error as the bytes of a last answer, for a connection without a request to answer. */
export const rawAnswer = (status: string, error: string, message?: string): string => {
  const body = JSON.stringify(message === undefined ? { error } : { error, message });
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
  const all = [...headers, ...protectiveHeaders, 'connection', 'close'];
  const lines = all.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}\r\n`] : []));
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`;
};
