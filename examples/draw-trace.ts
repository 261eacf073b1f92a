/**
 * A trace read and drawn as a sequence: Mermaid on the standard output. Run it: `node examples/draw-trace.ts trace.ndjson`, with a
 * trace of `raftchart simulate`; without one it draws an election that it simulates.
 */
import { readFileSync } from 'node:fs';
import { calmPlan, runSimulation } from 'raftchart/simulate';
import { filterSequence, parseTrace, sequenceOfTrace, sequenceToMermaid, traceLine } from 'raftchart/trace';

/** The trace of half a second of a calm cluster, as it would stand in a file. */
const simulated = async (): Promise<string> => {
  const lines: string[] = [];
  const plan = { ...calmPlan, durationMs: 500, clients: { ...calmPlan.clients, operationsPerSecond: 0 } };
  await runSimulation(plan, { endsWithFaults: true, onEvent: (event) => lines.push(traceLine(event)) });
  return lines.join('\n');
};

const [file] = process.argv.slice(2);
const text = file === undefined ? await simulated() : readFileSync(file, 'utf8');
const story = filterSequence(sequenceOfTrace(parseTrace(text)), { withoutRoutine: true });
console.log(sequenceToMermaid(story).trimEnd());
