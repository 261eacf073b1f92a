import { parseProfile } from '../../../src/cli/simulate/grammar.ts';
import { planOf, requestOf } from '../../../src/cli/simulate/run-request.ts';
import { runSimulation } from '../../../src/simulate/run-simulation.ts';
import { type EtcdDialect, EtcdTrace } from '../../../src/trace/etcd-trace.ts';
import type { TimedEvent } from '../../../src/trace/events.ts';
import { EtcdLines, etcdHabits, etcdLacks } from '../../../src/verify/validate/etcd-lines.ts';
import { type ObservedOptions, ObservedValidator } from '../../../src/verify/validate/observed-validator.ts';
import type { Rejection } from '../../../src/verify/validate/rejection.ts';
import type { Line } from './traced-runs.ts';

export interface EtcdRun {
  readonly seed: number;
  readonly dialect: EtcdDialect;
  readonly faults: string;
  readonly durationMs: number;
  readonly nodes?: number;
}

/** A simulated run as etcd would tell it. Throws `NotExpressible`. */
export const etcdRun = async ({
  seed,
  dialect,
  faults,
  durationMs,
  nodes = 5,
}: EtcdRun): Promise<readonly Line[]> => {
  const request = requestOf({
    faults: parseProfile(faults),
    duration: durationMs,
    nodes,
    duplicateRate: 0,
    changes: 0,
    spares: 0,
  });
  const events: TimedEvent[] = [];
  await runSimulation(planOf(request, seed), { onEvent: (event) => events.push(event) });
  const trace = new EtcdTrace(dialect);
  return events.flatMap((event) => trace.take(event)).map((line) => JSON.parse(JSON.stringify(line)) as Line);
};

export interface EtcdJudged {
  readonly rejection: Rejection | null;
  /** Position of the line that is rejected, from 0 on. */
  readonly at: number;
  readonly validator: ObservedValidator;
}

export const judgedAsEtcds = (lines: readonly unknown[], options: ObservedOptions = {}): EtcdJudged => {
  const reader = new EtcdLines();
  const validator = new ObservedValidator({ without: etcdLacks, habits: etcdHabits, ...options });
  for (const [at, line] of lines.entries()) {
    const rejection = validator.take(reader.take(line));
    if (rejection !== null) return { rejection, at, validator };
  }
  return { rejection: null, at: lines.length, validator };
};
