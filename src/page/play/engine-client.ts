import type { Answer, Request } from '../../simulate/play/engine.ts';
import EngineWorker from './worker.ts?worker&inline';

/** Says what a worker says when the engine itself has failed, which is our bug. */
export interface Crashed {
  readonly crashed: string;
}

/** Another thread with an engine and a finder of its own. */
export const startWorker = (): Worker => new EngineWorker();

const worker = startWorker();
const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

/** Asks the engine, on its own thread. Requests are answered in order. Rejects where the engine itself fails. */
export const ask = (request: Request): Promise<Answer> =>
  new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    worker.postMessage(request);
  });

worker.addEventListener('message', ({ data }: MessageEvent<Answer | Crashed>) => {
  const asked = waiting.shift();
  if ('crashed' in data) asked?.reject(new Error(data.crashed));
  else asked?.resolve(data);
});
worker.addEventListener('error', ({ message }) => {
  for (const { reject } of waiting.splice(0)) reject(new Error(message || 'the engine does not start'));
});
