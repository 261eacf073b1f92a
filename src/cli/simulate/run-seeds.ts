import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { runSimulation } from '../../simulate/run-simulation.ts';
import type { SeedResult } from './report.ts';
import { planOf, type RunRequest } from './run-request.ts';

/** Runs `seeds` on a number of threads. `onResult` is called in the order in which they end. */
export const runSeeds = async (
  request: RunRequest,
  seeds: readonly number[],
  threads: number,
  onResult: (result: SeedResult) => void,
): Promise<void> => {
  if (threads === 1 || seeds.length === 1) {
    for (const seed of seeds) {
      const { violation, endMs, recoveryMs, figures } = await runSimulation(planOf(request, seed));
      onResult({ seed, violation, endMs, recoveryMs, figures });
    }
    return;
  }
  const left = [...seeds].reverse();
  // This file is .ts in a clone and .js where it is installed.
  const file = new URL(`./seed-worker${extname(import.meta.filename)}`, import.meta.url);
  await Promise.all(
    Array.from(
      { length: Math.min(threads, seeds.length) },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(file, { workerData: request });
          const next = () => {
            const seed = left.pop();
            if (seed === undefined) void worker.terminate().then(() => resolve());
            else worker.postMessage(seed);
          };
          worker.on('message', (result: SeedResult) => {
            onResult(result);
            next();
          });
          worker.on('error', reject);
          next();
        }),
    ),
  );
};
