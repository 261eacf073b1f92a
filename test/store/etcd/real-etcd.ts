import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../processes/free-ports.ts';

/** Whether `program` of etcd is installed here; says so if it is not. */
export const isInstalled = (program: 'etcd' | 'etcdctl'): boolean => {
  const { error } = spawnSync(program, [program === 'etcd' ? '--version' : 'version'], {
    env: { ...process.env, ETCDCTL_API: '3' },
  });
  if (error === undefined) return true;
  console.log(
    `skipped: ${program} is not installed; on Debian, apt-get install etcd-server etcd-client gets it`,
  );
  return false;
};

/** A server of etcd itself, on a directory of its own. */
export const startRealEtcd = async (): Promise<{
  readonly endpoint: string;
  close(): Promise<void>;
}> => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-etcd-'));
  const [clients, peers] = await freePorts(2);
  const url = `http://127.0.0.1:${clients}`;
  const flags = {
    'data-dir': folder,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': `http://127.0.0.1:${peers}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peers}`,
    'initial-cluster': `default=http://127.0.0.1:${peers}`,
  };
  const child = spawn(
    'etcd',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore' },
  );
  return {
    endpoint: `127.0.0.1:${clients}`,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
