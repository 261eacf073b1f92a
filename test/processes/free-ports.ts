import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that systems hand out by themselves: a node that is down must find its port free when it comes back. */
const firstPort = 20_000;
const slices = 24;
const portsOfSlice = 500;

/** Test files run side by side, each in a worker with a number of its own; every worker keeps to its slice of the ports. */
const slice = Number(process.env.VITEST_POOL_ID ?? 0) % slices;

/** So many different ports of 127.0.0.1 that are free now, and that no other test file takes. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const ports: number[] = [];
  const servers: Server[] = [];
  while (ports.length < count) {
    const port = firstPort + slice * portsOfSlice + Math.floor(Math.random() * portsOfSlice);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    ports.push(port);
    // It is held until all are found, or the same port could be found twice.
    servers.push(server);
  }
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
};
