/**
 * Replicates a counter in three nodes of one process, each with a log of its own on disk, over TCP.
 * Run it: `npm run example:embed`.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNode, openTcpTransport, openWal, type RaftNode, type StateMachine } from 'raftchart';

/** What is replicated: any deterministic state. A command is its amount, as text. */
class Counter implements StateMachine<number> {
  value = 0;

  apply(command: Uint8Array): number {
    const amount = Number(new TextDecoder().decode(command));
    // A command that makes no sense must not throw: every node would stop at it.
    if (Number.isSafeInteger(amount)) this.value += amount;
    return this.value;
  }
}

const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
const ids = [1, 2, 3];
const host = '127.0.0.1';

/** A port that is free now. Yours would be fixed: a node is found where it was before. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
const addresses = Object.fromEntries(
  await Promise.all(ids.map(async (id) => [id, { host, port: await freePort() }] as const)),
);

/** One node, its log below `directory`. */
const start = async (id: number, directory: string): Promise<RaftNode<number>> => {
  const { [id]: listen, ...peers } = addresses;
  return createNode({
    id,
    peers: ids.filter((peer) => peer !== id),
    storage: await openWal({
      directory: join(directory, `node${id}`),
      nodeId: id,
      clusterId: 'counter',
      log,
    }),
    transport: await openTcpTransport({ listen: listen!, peers, log }),
    stateMachine: new Counter(),
    clusterId: 'counter',
    log,
  });
};

/** Adds `amount` through whichever node leads; asks again while none does. */
const add = async (nodes: readonly RaftNode<number>[], amount: number): Promise<number> => {
  for (;;) {
    for (const node of nodes) {
      const outcome = await node.propose(new TextEncoder().encode(String(amount)));
      if (outcome.type === 'applied') return outcome.result;
      // Adding again what may have been added already would count twice.
      if (outcome.type === 'unknownOutcome') throw new Error('whether it was added is not known');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const directory = mkdtempSync(join(tmpdir(), 'raftchart-embed-'));
const nodes = await Promise.all(ids.map((id) => start(id, directory)));
console.log('added 1:', await add(nodes, 1));
console.log('added 10:', await add(nodes, 10));

const leader = nodes.find((node) => node.status().role === 'leader')!;
console.log(`stopping the leader, node${leader.id}`);
await leader.stop();
const rest = nodes.filter((node) => node !== leader);
console.log('added 100:', await add(rest, 100));
await Promise.all(rest.map((node) => node.stop()));

const again = await Promise.all(ids.map((id) => start(id, directory)));
console.log('after a restart of all, added 0:', await add(again, 0));
await Promise.all(again.map((node) => node.stop()));
rmSync(directory, { recursive: true });
