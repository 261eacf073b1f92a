import { parentPort, workerData } from 'node:worker_threads';
import { runSimulation } from '../../simulate/run-simulation.ts';
import type { SeedResult } from './report.ts';
import { planOf, type RunRequest } from './run-request.ts';

/** Runs one seed after another, as they come, and answers each with its result. */
const request = workerData as RunRequest;

parentPort!.on('message', async (seed: number) => {
  const { violation, endMs, recoveryMs, figures } = await runSimulation(planOf(request, seed));
  parentPort!.postMessage({ seed, violation, endMs, recoveryMs, figures } satisfies SeedResult);
});
