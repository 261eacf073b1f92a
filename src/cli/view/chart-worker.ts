import { parentPort } from 'node:worker_threads';
import { chartData, type NamedChart } from './chart-data.ts';

/** Lays out the charts that it is sent, one after the other, and answers each with its data, or why there is none. */
parentPort!.on('message', async (named: NamedChart) => {
  try {
    parentPort!.postMessage({ data: await chartData(named) });
  } catch (error) {
    parentPort!.postMessage({ problem: (error as Error).message });
  }
});
