import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import type { Plan } from '../../simulate/plan.ts';
import { runSimulation } from '../../simulate/run-simulation.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { filterSequence, readableMessages } from '../../trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { traceLine } from '../../trace/trace-line.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';

export interface FailureFiles {
  readonly plan: string;
  readonly trace: string;
  readonly diagram: string;
}

/** Runs `plan` once more and writes it, its trace and its sequence diagram into `directory`, which is created if missing. */
export const writeFailure = async (directory: string, plan: Plan): Promise<FailureFiles> => {
  const events: TimedEvent[] = [];
  await runSimulation(plan, { onEvent: (event) => events.push(event) });
  makeDirectory(directory);
  const files = {
    plan: join(directory, 'plan.json'),
    trace: join(directory, 'trace.ndjson'),
    diagram: join(directory, 'sequence.mmd'),
  };
  writeFileSync(files.plan, `${JSON.stringify(plan, null, 2)}\n`);
  writeFileSync(files.trace, events.map((event) => `${traceLine(event)}\n`).join(''));
  const sequence = filterSequence(sequenceOfTrace(events), {
    withoutRoutine: true,
    maxMessages: readableMessages,
  });
  writeFileSync(files.diagram, sequenceToMermaid(sequence));
  return files;
};
