import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimedEvent } from '../../sim/events.ts';
import { type Plan, votersOf } from '../../sim/plan.ts';
import { runSimulation } from '../../sim/run-simulation.ts';
import { sequenceDiagram } from '../../sim/sequence-diagram.ts';
import { traceLine } from '../../sim/trace.ts';

export interface FailureFiles {
  readonly plan: string;
  readonly trace: string;
  readonly diagram: string;
}

/** Runs `plan` once more and writes it, its trace and its sequence diagram into `directory`, which is made if missing. */
export const writeFailure = async (directory: string, plan: Plan): Promise<FailureFiles> => {
  const events: TimedEvent[] = [];
  await runSimulation(plan, { onEvent: (event) => events.push(event) });
  mkdirSync(directory, { recursive: true });
  const files = {
    plan: join(directory, 'plan.json'),
    trace: join(directory, 'trace.ndjson'),
    diagram: join(directory, 'sequence.mmd'),
  };
  writeFileSync(files.plan, `${JSON.stringify(plan, null, 2)}\n`);
  writeFileSync(files.trace, events.map((event) => `${traceLine(event)}\n`).join(''));
  writeFileSync(files.diagram, sequenceDiagram(votersOf(plan), events));
  return files;
};
