import { parentPort, workerData } from 'node:worker_threads';
import { type CheckRequest, checkFile } from './check-file.ts';
import type { WorkerMessage } from './check-on-thread.ts';

/** Checks one history, and answers with what came of it. */
const answer = (message: WorkerMessage): void => parentPort!.postMessage(message);

checkFile(workerData as CheckRequest).then(
  (ended) => answer({ ended }),
  (bug: Error) => answer({ bug }),
);
