import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/*
 * Loaded into a node before its program (`node --import`): the first SIGUSR2 begins to sample what it allocates and what its processor time is spent on, the second writes both to
 * `$BENCH_PROFILES/<pid>.json`.
 */
const session = new Session();
session.connect();
let isRunning = false;

const begin = async (): Promise<void> => {
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 16_384,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 1000 });
  await session.post('Profiler.start');
};

const end = async (): Promise<void> => {
  const { profile: processor } = await session.post('Profiler.stop');
  const { profile: heap } = await session.post('HeapProfiler.stopSampling');
  writeFileSync(
    join(process.env.BENCH_PROFILES!, `${process.pid}.json`),
    JSON.stringify({ processor, heap }),
  );
};

process.on('SIGUSR2', () => {
  void (isRunning ? end() : begin());
  isRunning = !isRunning;
});
