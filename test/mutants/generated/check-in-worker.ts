import { Worker } from 'node:worker_threads';
import type { CheckRequest, Verdict } from './verdict.ts';

const workerFile = new URL('./check-worker.ts', import.meta.url);

/** Checks one mutant in a thread of its own, which is ended after `limitSeconds`. */
export const checkInWorker = (request: CheckRequest, limitSeconds: number): Promise<Verdict> =>
  new Promise((resolve) => {
    const began = performance.now();
    const worker = new Worker(workerFile, {
      workerData: request,
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    });
    const end = (outcome: Verdict['outcome'], how: string) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve({ outcome, how, seconds: (performance.now() - began) / 1000 });
    };
    const timer = setTimeout(
      () => end('out of time', `no end within ${limitSeconds} s`),
      limitSeconds * 1000,
    );
    worker.on('message', (how: string | null) => end(how === null ? 'survived' : 'killed', how ?? ''));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') end('out of memory', 'the memory grew without end');
      else end('failed', `the checker threw: ${error.message}`);
    });
  });
