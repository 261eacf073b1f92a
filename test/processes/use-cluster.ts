import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { type LogLine, ProcessCluster, type ProcessClusterOptions } from './process-cluster.ts';

export const clientProgram = fileURLToPath(new URL('../../src/cli/raft-client.ts', import.meta.url));

/** A cluster for each test of a file, on a directory of its own, and what `raft-client` and the nodes say. */
export const useCluster = (name: string) => {
  let dataDir: string;
  let cluster: ProcessCluster;
  const lines: { readonly id: number; readonly line: LogLine }[] = [];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), `raftchart-${name}-`));
    lines.length = 0;
  });
  afterEach(async () => {
    // A test that fails in between leaves a node stopped, which would take no SIGTERM.
    for (const { process: child } of cluster.members) child?.kill('SIGCONT');
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const reserve = async (
    options: Omit<ProcessClusterOptions, 'dataDir' | 'onLog'>,
  ): Promise<ProcessCluster> => {
    cluster = await ProcessCluster.reserve({
      ...options,
      dataDir,
      onLog: (id, line) => lines.push({ id, line }),
    });
    return cluster;
  };
  const start = async (
    options: Omit<ProcessClusterOptions, 'dataDir' | 'onLog'>,
  ): Promise<ProcessCluster> => {
    // Known before its nodes run: they are stopped as well if none of them leads.
    await reserve(options);
    await cluster.startAll();
    return cluster;
  };
  const client = (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const flags = [clientProgram, ...args, '--endpoints', cluster.endpoints.join()];
      execFile(process.execPath, flags, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const listed = async () => JSON.parse((await client('member', 'list', '-w', 'json')).stdout);
  const readyz = async (id: number) => {
    const port = cluster.members[id - 1]!.clientPort;
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
    return { status: response.status, body: await response.text() };
  };
  return { lines, reserve, start, client, listed, readyz };
};

/** Waits for what takes as long as it takes on a shared machine; a `condition` that fails is one that does not hold yet. */
export const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
