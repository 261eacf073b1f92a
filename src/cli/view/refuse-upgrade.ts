import type { Duplex } from 'node:stream';

const statusTexts: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

/** Answers a request for a WebSocket with a refusal. */
export const refuseUpgrade = (socket: Duplex, status: number, text: string): void => {
  const body = `${text}\n`;
  // Whoever never hangs up must not keep the server from closing.
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${statusTexts[status]}`,
      'connection: close',
      'content-type: text/plain',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
};
