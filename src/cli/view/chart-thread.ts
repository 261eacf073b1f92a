import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ChartData, NamedChart } from './chart-data.ts';
import { FairQueue } from './fair-queue.ts';

/** Longer than any chart that a person can read takes. */
const defaultLimitMs = 30_000;
const maxMemoryMb = 1024;

type Answer = { readonly data: ChartData } | { readonly problem: string };

/** Lays charts out on a thread of its own, one after the other: what a stranger sends must not hold up the page, nor another stranger. */
export class ChartThread {
  readonly #limitMs: number;
  #worker: Worker | null = null;
  readonly #queue = new FairQueue();
  #isClosed = false;

  constructor(limitMs = defaultLimitMs) {
    this.#limitMs = limitMs;
  }

  /** `program`: for which it is drawn; programs take turns. Rejects, with one line, if it cannot be drawn or takes too long. */
  draw(named: NamedChart, program = 0): Promise<ChartData> {
    return this.#queue.run(program, () => this.#drawNow(named));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  async #drawNow(named: NamedChart): Promise<ChartData> {
    if (this.#isClosed) throw new Error('the page is closed');
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(this.#limitMs)]);
    try {
      worker.postMessage(named);
      const ended = once(worker, 'exit', { signal }).then(() => {
        throw new Error('it cannot be laid out');
      });
      ended.catch(() => {});
      const [answer] = (await Promise.race([once(worker, 'message', { signal }), ended])) as [Answer];
      if ('problem' in answer) throw new Error(answer.problem);
      return answer.data;
    } catch (error) {
      this.#worker = null;
      await worker.terminate();
      if ((error as Error).name !== 'AbortError') throw error;
      throw new Error(`it could not be laid out within ${this.#limitMs / 1000} s`);
    } finally {
      waiting.abort();
    }
  }

  #start(): Worker {
    // This file is .ts in a clone and .js where it is installed.
    const source = new URL(`./chart-worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(source, { resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb } });
    // Its exit, which follows, is heard.
    return worker.on('error', () => {});
  }
}
