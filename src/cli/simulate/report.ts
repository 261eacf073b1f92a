import * as v from 'valibot';
import { noRequests, type RequestFigures } from '../../simulate/requests.ts';
import type { SimulationFigures, SimulationResult } from '../../simulate/run-simulation.ts';
import { noSnapshots, type SnapshotFigures } from '../../simulate/simulated-snapshots.ts';

/** One seed that failed. */
export interface SeedFailure {
  readonly seed: number;
  readonly property: string;
  readonly message: string;
  readonly atMs: number;
}

/** The result of a batch of seeds; the file of `--report`. */
export interface Report {
  readonly format: 'raftchart-simulation';
  readonly commit: string;
  /** As they were given, without `--shard` and `--report`. */
  readonly options: string;
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  readonly virtualMs: number;
  readonly realMs: number;
  readonly figures: SimulationFigures;
  /** The longest recovery after the last fault. */
  readonly maxRecoveryMs: number;
}

export const emptyReport = (commit: string, options: string): Report => ({
  format: 'raftchart-simulation',
  commit,
  options,
  seeds: 0,
  failures: [],
  virtualMs: 0,
  realMs: 0,
  figures: {
    events: 0,
    steps: 0,
    operations: 0,
    acknowledged: 0,
    repeated: 0,
    requests: noRequests,
    snapshots: noSnapshots,
    terms: 0,
    committed: 0,
  },
  maxRecoveryMs: 0,
});

/** What a report keeps of a result. */
export type SeedResult = Pick<SimulationResult, 'violation' | 'endMs' | 'recoveryMs' | 'figures'> & {
  readonly seed: number;
};

export const withResult = (
  report: Report,
  { seed, violation, endMs, recoveryMs, figures }: SeedResult,
): Report => ({
  ...report,
  seeds: report.seeds + 1,
  failures:
    violation === null
      ? report.failures
      : bySeed([
          ...report.failures,
          { seed, property: violation.property, message: violation.message, atMs: endMs },
        ]),
  virtualMs: report.virtualMs + endMs,
  figures: sum(report.figures, figures),
  maxRecoveryMs: Math.max(report.maxRecoveryMs, recoveryMs ?? 0),
});

/** Merges reports: real times add up, as if they had run one after another. Throws if commit or options differ. */
export const mergeReports = (reports: readonly Report[]): Report => {
  const [first, ...others] = reports as readonly [Report, ...Report[]];
  let merged = first;
  for (const report of others) {
    for (const field of ['commit', 'options'] as const) {
      if (report[field] !== merged[field]) {
        throw new Error(
          `these reports do not belong together: ${field} "${merged[field]}" and "${report[field]}"`,
        );
      }
    }
    merged = {
      ...merged,
      seeds: merged.seeds + report.seeds,
      failures: bySeed([...merged.failures, ...report.failures]),
      virtualMs: merged.virtualMs + report.virtualMs,
      realMs: merged.realMs + report.realMs,
      figures: sum(merged.figures, report.figures),
      maxRecoveryMs: Math.max(merged.maxRecoveryMs, report.maxRecoveryMs),
    };
  }
  return merged;
};

const count = v.pipe(v.number(), v.minValue(0));
const schema = v.strictObject({
  format: v.literal('raftchart-simulation'),
  commit: v.string(),
  options: v.string(),
  seeds: count,
  failures: v.array(v.strictObject({ seed: count, property: v.string(), message: v.string(), atMs: count })),
  virtualMs: count,
  realMs: count,
  figures: v.strictObject({
    events: count,
    steps: count,
    operations: count,
    acknowledged: count,
    repeated: count,
    requests: v.strictObject(v.entriesFromList(Object.keys(noRequests) as (keyof RequestFigures)[], count)),
    snapshots: v.strictObject(
      v.entriesFromList(Object.keys(noSnapshots) as (keyof SnapshotFigures)[], count),
    ),
    terms: count,
    committed: count,
  }),
  maxRecoveryMs: count,
});

/** The report in `text`; throws an `Error` of one line. */
export const parseReport = (text: string): Report => {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw new Error(`not a report of raftchart simulate: ${(error as Error).message}`);
  }
};

/** For people. */
export const summaryLines = (report: Report): readonly string[] => {
  const { seeds, failures, figures, virtualMs, realMs, maxRecoveryMs } = report;
  const ratio = realMs > 0 ? `, ${(virtualMs / realMs).toFixed(0)} times real time` : '';
  return [
    `${plural(seeds, 'seed')}, ${plural(failures.length, 'violation')}`,
    `${(virtualMs / 1000).toFixed(0)} virtual seconds in ${(realMs / 1000).toFixed(1)} s${ratio}`,
    `${figures.events} events, ${figures.steps} steps checked, ${figures.acknowledged} of ${figures.operations} operations acknowledged (${figures.repeated} by a repetition), ${figures.committed} entries committed in ${figures.terms} terms`,
    ...requestLines(figures.requests),
    ...snapshotLines(figures.snapshots),
    `slowest recovery after the last fault: ${maxRecoveryMs.toFixed(0)} ms`,
  ];
};

const snapshotLines = ({ taken, chunks, installed, restarts }: SnapshotFigures): readonly string[] =>
  taken + chunks + restarts === 0
    ? []
    : [
        `${taken} snapshots taken, ${chunks} chunks sent, ${installed} snapshots installed, ${restarts} starts from one`,
      ];

const requestLines = (requests: RequestFigures): readonly string[] => {
  const { reads, readsAtOnce, readsRefused, transfersAsked, transfersDone, transfersRefused } = requests;
  const { changesAsked, changesDone, changesRefused } = requests;
  return [
    ...(reads + readsRefused + transfersAsked === 0
      ? []
      : [
          `${reads} reads without a log entry, ${readsAtOnce} of them at once, ${readsRefused} refused; ${transfersAsked} requests to hand over, ${transfersDone} done, ${transfersRefused} refused`,
        ]),
    ...(changesAsked === 0
      ? []
      : [
          `${changesAsked} requests for other members, ${changesDone} done, ${changesRefused} refused, the rest without an answer that is certain`,
        ]),
  ];
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const bySeed = (failures: readonly SeedFailure[]): readonly SeedFailure[] =>
  [...failures].sort((a, b) => a.seed - b.seed);

const sum = (
  { requests, snapshots, ...figures }: SimulationFigures,
  { requests: otherRequests, snapshots: otherSnapshots, ...others }: SimulationFigures,
): SimulationFigures => ({
  ...added(figures, others),
  requests: added(requests, otherRequests),
  snapshots: added(snapshots, otherSnapshots),
});

const added = <Counts extends Readonly<Record<keyof Counts, number>>>(a: Counts, b: Counts): Counts =>
  Object.fromEntries((Object.keys(a) as (keyof Counts)[]).map((name) => [name, a[name] + b[name]])) as Counts;
