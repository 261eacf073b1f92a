import type { Answer, Request } from '../../simulate/play/engine.ts';
import EngineWorker from './worker.ts?worker&inline';

const worker = new EngineWorker();
const ask = (request: Request): Promise<Answer> =>
  new Promise((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data), { once: true });
    worker.postMessage(request);
  });
Object.assign(globalThis, { ask });
