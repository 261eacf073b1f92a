import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that systems hand out by themselves: a node that is down must find its port free when it comes back. */
const firstPort = 20_000;
const slices = 120;
const portsOfSlice = 100;

/**
 * The ports of this process. Test files run side by side, and so may whole runs of them: a slice belongs to the process that listens on
 * its first port, for as long as that process lives.
 */
const claimed = async (): Promise<number> => {
  const anySlice = Math.floor(Math.random() * slices);
  for (let tried = 0; tried < slices; tried++) {
    const port = firstPort + ((anySlice + tried) % slices) * portsOfSlice;
    const claim = await listening(port);
    if (claim === null) continue;
    claim.unref();
    return port;
  }
  throw new Error(`all ports from ${firstPort} to ${firstPort + slices * portsOfSlice} are claimed`);
};

let claim: Promise<number> | null = null;
let given = 0;

/** So many different ports of 127.0.0.1 that are free now, and that nobody else is given: neither other processes nor, until all of the slice were given, a later call. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  claim ??= claimed();
  const first = await claim;
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === portsOfSlice - 1)
      throw new Error(`not ${count} ports above ${first} are free: only ${ports.length} are`);
    const port = first + 1 + (given++ % (portsOfSlice - 1));
    const server = await listening(port);
    if (server === null) continue;
    server.close();
    await once(server, 'close');
    ports.push(port);
  }
  return ports;
};

/** Null: somebody else listens there. */
const listening = async (port: number): Promise<Server | null> => {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => null,
  );
};
