import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endsWithThisProcess } from '../test/processes/ends-with-this-process.ts';

/** Three etcd processes on 127.0.0.1, to compare with. */
export interface EtcdCluster {
  /** host:port of the leader's HTTP gateway. */
  readonly leader: string;
  stop(): Promise<void>;
}

const clientPort = (id: number) => 24790 + id;
const peerPort = (id: number) => 24890 + id;

/** Starts etcd with its data below `directory` and waits for a leader. */
export const startEtcd = async (directory: string, flags: readonly string[] = []): Promise<EtcdCluster> => {
  const ids = [1, 2, 3];
  const members = ids.map((id) => `n${id}=http://127.0.0.1:${peerPort(id)}`).join(',');
  const processes: ChildProcess[] = ids.map((id) =>
    endsWithThisProcess(
      spawn(
        'etcd',
        [
          ...['--name', `n${id}`, '--data-dir', `${directory}/etcd-${id}`, '--log-level', 'error'],
          ...['--listen-client-urls', `http://127.0.0.1:${clientPort(id)}`],
          ...['--advertise-client-urls', `http://127.0.0.1:${clientPort(id)}`],
          ...['--listen-peer-urls', `http://127.0.0.1:${peerPort(id)}`],
          ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peerPort(id)}`],
          ...['--initial-cluster', members, '--initial-cluster-state', 'new'],
          ...flags,
        ],
        { stdio: 'ignore' },
      ),
    ),
  );
  const leader = await findLeader(ids.map((id) => `127.0.0.1:${clientPort(id)}`));
  return {
    leader,
    stop: async () => {
      for (const child of processes) {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      }
    },
  };
};

const findLeader = async (endpoints: readonly string[]): Promise<string> => {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const endpoint of endpoints) {
      try {
        const response = await fetch(`http://${endpoint}/v3/maintenance/status`, {
          method: 'POST',
          body: '{}',
        });
        const status = (await response.json()) as { leader?: string; header: { member_id: string } };
        if (status.leader !== undefined && status.leader === status.header.member_id) return endpoint;
      } catch {
        // Not up yet.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('etcd elected no leader within 20 s');
};
