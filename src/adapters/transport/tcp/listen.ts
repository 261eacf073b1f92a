import type { Server } from 'node:net';
import type { Address } from '../../../ports/address.ts';
import { addressesOf } from './addresses.ts';

/** The peer port cannot be listened on. The message is one line for a person. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';
}

/**
 * Listens on every address that `host` stands for: peers that dial `127.0.0.1`, `::1` or `localhost` all reach a node
 * that listens on `localhost`. A family that this machine has no address of is left out. Rejects with `ListenFailed`.
 */
export const listenOn = async <Listening extends Server>(
  { host, port }: Address,
  newServer: () => Listening,
): Promise<{ readonly servers: readonly Listening[]; readonly port: number }> => {
  const failed = (error: NodeJS.ErrnoException) =>
    new ListenFailed(`cannot listen for peers on ${host}:${port}: ${reasonOf(error)}`);
  const addresses = await addressesOf(host).catch((error) => {
    throw failed(error);
  });
  const servers: Listening[] = [];
  let boundPort = port;
  let missing: NodeJS.ErrnoException | null = null;
  for (const { address } of addresses) {
    const server = newServer();
    try {
      boundPort = await listening(server, address, boundPort);
      servers.push(server);
    } catch (cause) {
      const error = cause as NodeJS.ErrnoException;
      missing = error;
      if (isAbsentFamily(error) && addresses.length > 1) continue;
      for (const other of servers) other.close();
      throw failed(error);
    }
  }
  if (servers.length === 0) throw failed(missing!);
  return { servers, port: boundPort };
};

const listening = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve((server.address() as { port: number }).port);
    });
  });

const isAbsentFamily = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';

const reasonOf = (error: NodeJS.ErrnoException): string => {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the port is in use';
    case 'EACCES':
      return 'not permitted';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    case 'ENOTFOUND':
      return 'no such host';
    default:
      return error.code ?? error.message;
  }
};
