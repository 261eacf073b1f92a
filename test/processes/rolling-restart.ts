import { fetchStatus, type ProcessCluster, type StatusBody } from './process-cluster.ts';
import { until } from './use-cluster.ts';

/** Restarts the nodes of `cluster` one after the other with `program`, as docs/upgrades.md tells operators to; `restarted` is called after each, before the next is stopped. */
export const restartEach = async (
  cluster: ProcessCluster,
  program: string,
  restarted: (id: number, wasLeader: boolean) => void | Promise<void> = () => {},
): Promise<void> => {
  const leader = await cluster.leader();
  const followers = cluster.founders.map(({ id }) => id).filter((id) => id !== leader);
  for (const id of [...followers, leader]) {
    await restart(cluster, id, program);
    await restarted(id, id === leader);
  }
};

/** Stops node `id` as an operator does, starts it again with `program`, and resolves once it has caught up and all are connected. Throws if it did not stop cleanly. */
export const restart = async (cluster: ProcessCluster, id: number, program: string): Promise<void> => {
  const code = await cluster.end(id, 'SIGTERM');
  if (code !== 0) throw new Error(`node${id} ended with exit code ${code}`);
  cluster.install(id, program);
  cluster.start(id);
  await until(async () => {
    const all = await statuses(cluster);
    const committed = Math.max(...all.map(({ commitIndex }) => commitIndex));
    const own = all.find((status) => status.id === id);
    return (
      own !== undefined &&
      own.lastApplied >= committed - mostBehind &&
      all.length === cluster.founders.length &&
      all.every(({ leader, peers }) => leader !== null && peers.every(({ link }) => link === 'open'))
    );
  });
};

/** Entries that may be under way to a node that has caught up, while clients write. */
const mostBehind = 50;

/** What all nodes say that can be asked. */
export const statuses = async (cluster: ProcessCluster): Promise<readonly StatusBody[]> => {
  const all = await Promise.all(cluster.founders.map(({ clientPort }) => fetchStatus(clientPort)));
  return all.filter((status) => status !== null);
};

/** How long clients wait for a write to be acknowledged, whichever it is. */
export class Gaps {
  #last = performance.now();
  #longest = 0;

  /** A write was acknowledged. */
  note(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }

  /** Milliseconds of the longest gap since this was called last. */
  takeLongest(): number {
    this.note();
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }
}
