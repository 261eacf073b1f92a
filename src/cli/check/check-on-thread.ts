import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CheckAnswer, CheckRequest } from './check-file.ts';

export type WorkerMessage = { readonly ended: CheckAnswer } | { readonly bug: Error };

/**
 * Checks on a thread of its own, which is ended with the answer, or after `timeoutMs`: a model is somebody's own code. It may
 * keep timers and sockets open, and it may never return. Rejects only for our own bug.
 */
export const checkOnThread = async (
  request: CheckRequest,
  timeoutMs: number | undefined,
): Promise<CheckAnswer> => {
  const { file, model } = request;
  const isPiped = file === '-';
  // This file is .ts in a clone and .js where it is installed.
  const source = new URL(`./check-worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(source, { workerData: request, stdin: isPiped, stdout: true });
  if (isPiped) process.stdin.pipe(worker.stdin!);
  // What a model prints is no part of the verdict.
  worker.stdout.on('data', (text: Buffer) => process.stderr.write(text));
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<CheckAnswer>((resolve, reject) => {
      const refuse = (problem: string) => resolve({ code: 2, stdout: '', stderr: `${problem}\n` });
      worker.on('message', (message: WorkerMessage) =>
        'bug' in message ? reject(message.bug) : resolve(message.ended),
      );
      worker.on('error', (error) =>
        refuse(
          `${model}: throws outside of its functions: ${String(error?.message ?? error).split('\n')[0]}`,
        ),
      );
      worker.on('exit', () => refuse(`${model}: has ended the check by process.exit`));
      if (timeoutMs !== undefined)
        timer = setTimeout(
          () => refuse(`${isPiped ? 'standard input' : file}: no verdict within ${timeoutMs} ms`),
          timeoutMs,
        );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
    if (isPiped) process.stdin.destroy();
  }
};
