import { createHash } from 'node:crypto';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { traceLine } from '../../src/trace/trace-line.ts';

/** The hash of the trace of a run under the default faults. */
export const traceHash = async (seed: number, durationMs: number): Promise<string> => {
  const hash = createHash('sha256');
  const plan = generatePlan({ ...defaultPlan, seed, durationMs });
  await runSimulation(plan, { onEvent: (event) => hash.update(`${traceLine(event)}\n`) });
  return hash.digest('hex');
};

// As a program: `trace-hash.ts FROM TO DURATION_MS` prints a seed and its hash a line.
if (process.argv[1] === import.meta.filename) {
  const [from, to, durationMs] = process.argv.slice(2).map(Number) as [number, number, number];
  for (let seed = from; seed <= to; seed++) console.log(`${seed} ${await traceHash(seed, durationMs)}`);
}
