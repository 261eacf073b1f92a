import { parseProfile } from '../../../src/cli/simulate/grammar.ts';
import { planOf, requestOf } from '../../../src/cli/simulate/run-request.ts';
import { runSimulation } from '../../../src/simulate/run-simulation.ts';
import { parseTraceLine, UnreadableTrace } from '../../../src/trace/parse-trace.ts';
import { traceLine } from '../../../src/trace/trace-line.ts';
import type { Rejection } from '../../../src/verify/validate/rejection.ts';
import { TraceValidator, type ValidationOptions } from '../../../src/verify/validate/trace-validator.ts';

/** A line of a trace, as JSON: the tests change some. */
// biome-ignore lint/suspicious/noExplicitAny: what a test changes need not be an event any more.
export type Line = Record<string, any>;

export interface Traced {
  readonly seed: number;
  readonly durationMs: number;
  readonly nodes?: number;
  readonly faults?: string;
  readonly leaseReads?: boolean;
}

/** The trace of a simulated run, as a file would give it back. */
export const traced = async ({
  seed,
  durationMs,
  nodes = 5,
  faults = 'default',
  leaseReads = false,
}: Traced): Promise<readonly Line[]> => {
  const request = requestOf({ faults: parseProfile(faults), duration: durationMs, nodes, leaseReads });
  const lines: Line[] = [];
  await runSimulation(planOf({ ...request, leaseReads }, seed), {
    onEvent: (event) => lines.push(JSON.parse(traceLine(event))),
  });
  return lines;
};

export interface Judged {
  readonly rejection: Rejection | null;
  /** Position of the line that is rejected, from 0 on. */
  readonly at: number;
  readonly steps: number;
}

export const judged = (lines: readonly Line[], options: ValidationOptions = {}): Judged => {
  const validator = new TraceValidator(options);
  for (const [at, line] of lines.entries()) {
    const rejection = rejectionOf(validator, line, at);
    if (rejection !== null) return { rejection, at, steps: validator.figures.steps };
  }
  return { rejection: null, at: lines.length, steps: validator.figures.steps };
};

/** What is no event any more is rejected as well. */
const rejectionOf = (validator: TraceValidator, line: Line, at: number): Rejection | null => {
  try {
    return validator.take(parseTraceLine(JSON.stringify(line), at + 2)!);
  } catch (error) {
    if (!(error instanceof UnreadableTrace)) throw error;
    return { node: null, step: null, observed: '', reasons: [error.message], nearest: null };
  }
};
