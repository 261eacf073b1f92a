import { connect, type Socket } from 'node:net';

/** Sends `bytes` as they are on a connection of their own, and returns all that comes back until it closes. */
export const exchangeRaw = (port: number, bytes: string | Uint8Array): Promise<string> =>
  exchangeOn(connect(port, '127.0.0.1'), bytes);

/** The same on `socket`, of TCP or of TLS. */
export const exchangeOn = async (socket: Socket, bytes: string | Uint8Array): Promise<string> => {
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  // A server that has heard enough may reset the connection. What counts is what it said and did.
  socket.on('error', () => {});
  socket.end(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
};

/** The status of the first response in `received`; 0 if there is none. */
export const statusOf = (received: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0);
