import * as v from 'valibot';
import {
  probeCheckpoint,
  readCheckpoint,
  UnusableCheckpoint,
  writeCheckpoint,
} from '../../verify/explore/checkpoint-file.ts';
import type { ExploreOptions } from '../../verify/explore/cluster-event.ts';
import type { SavedExploration } from '../../verify/explore/exploration.ts';
import {
  type ExploredChart,
  exploredChartSchema,
  exploreOptionsSchema,
} from '../../verify/explore/schedule-file.ts';
import { UsageError } from '../usage-error.ts';
import { chartHash } from './chart-hash.ts';

/** An exploration that was stopped, with what is needed to go on. */
export interface StoppedExploration {
  readonly options: ExploreOptions;
  readonly chart: ExploredChart;
  /** How long it has run. */
  readonly seconds: number;
  readonly saved: SavedExploration;
}

const version = 1;

const headerSchema = v.object({
  version: v.number(),
  hash: v.string(),
  options: exploreOptionsSchema,
  chart: exploredChartSchema,
  seconds: v.number(),
  saved: v.unknown(),
});

/** Checks that the file can be written, before hours are spent. Throws `UsageError`. */
export const checkWritable = (file: string): void =>
  told(`cannot write ${file}`, () => probeCheckpoint(file));

/** Throws `UsageError` if it cannot be written. */
export const saveStopped = (file: string, { options, chart, seconds, saved }: StoppedExploration): void => {
  const header = { version, hash: chartHash(chart), options, chart, seconds, saved: saved.header };
  told(`cannot write ${file}`, () => writeCheckpoint(file, { header, arrays: saved.arrays }));
};

/** Throws `UsageError` for a file that is torn, foreign, of another version, or of another chart. */
export const loadStopped = (file: string): StoppedExploration => {
  const { header, arrays } = told(file, () => readCheckpoint(file));
  const parsed = v.safeParse(headerSchema, header);
  if (!parsed.success) throw new UsageError(`${file}: its header is not one of raftchart explore`);
  const found = parsed.output;
  if (found.version !== version) {
    throw new UsageError(`${file}: it has version ${found.version}; this program reads version ${version}`);
  }
  if (found.hash !== chartHash(found.chart)) {
    throw new UsageError(
      `${file}: it was made with another chart, other rules or another explorer: start over`,
    );
  }
  return {
    options: found.options,
    chart: found.chart,
    seconds: found.seconds,
    saved: { header: found.saved, arrays },
  };
};

/** Calls it; a fault of the file or of the disk becomes a `UsageError`, one line that begins with `what`. */
const told = <Result>(what: string, act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    const isTheirs = error instanceof UnusableCheckpoint || 'code' in (error as Error);
    throw isTheirs ? new UsageError(`${what}: ${(error as Error).message}`) : error;
  }
};
