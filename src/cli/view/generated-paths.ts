import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MadeOnce } from './made-once.ts';
import { pageFile } from './page-files.ts';
import type { PathsMessage, PathsTask } from './paths-worker.ts';

/** Where the page finds the tests generated from the role chart. */
export const pathsAddress = 'paths/raft.json';

/** The tests generated from the role chart, as a file of the page: made on a thread of their own. */
export const generatedPaths = (task: PathsTask = { cover: 'transitions' }): MadeOnce =>
  new MadeOnce(async (tell, signal) => {
    // This file is .ts in a clone and .js where it is installed.
    const source = new URL(`./paths-worker${extname(import.meta.filename)}`, import.meta.url);
    signal.throwIfAborted();
    const worker = new Worker(source, { workerData: task });
    const end = () => void worker.terminate();
    signal.addEventListener('abort', end);
    const text = await new Promise<string>((resolve, reject) => {
      worker.on('message', (message: PathsMessage) => {
        if ('text' in message) resolve(message.text);
        else tell(`${message.done} of ${message.all} searches`);
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread that generates the tests ended')));
    });
    signal.removeEventListener('abort', end);
    return pageFile(pathsAddress, Buffer.from(text));
  });
