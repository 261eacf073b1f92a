import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { readCheckpoint, UnusableCheckpoint, writeCheckpoint } from '../../model/explorer/checkpoint-file.ts';
import type { ExploreOptions } from '../../model/explorer/cluster-event.ts';
import type { SavedExploration } from '../../model/explorer/explorer.ts';
import { exploreOptionsSchema, type ScheduleHeader } from '../../model/explorer/schedule-file.ts';
import { UsageError } from '../usage-error.ts';
import { chartHash } from './chart-hash.ts';

/** An exploration that was stopped, with what is needed to go on. */
export interface StoppedExploration {
  readonly options: ExploreOptions;
  readonly chart: ScheduleHeader['chart'];
  /** So long it has run. */
  readonly seconds: number;
  readonly saved: SavedExploration;
}

const version = 1;

const headerSchema = v.object({
  version: v.number(),
  hash: v.string(),
  options: exploreOptionsSchema,
  chart: v.nullable(v.object({ file: v.string(), export: v.nullable(v.string()) })),
  seconds: v.number(),
  saved: v.unknown(),
});

/** Before hours are spent: that the file could be written. */
export const checkWritable = (file: string): void => {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw new UsageError(`cannot write ${file}: its folder is not there or cannot be written to`);
  }
};

export const saveStopped = (file: string, { options, chart, seconds, saved }: StoppedExploration): void => {
  const header = { version, hash: chartHash(chart), options, chart, seconds, saved: saved.header };
  try {
    writeCheckpoint(file, { header, arrays: saved.arrays });
  } catch (error) {
    throw 'code' in (error as Error)
      ? new UsageError(`cannot write ${file}: ${(error as Error).message}`)
      : error;
  }
};

/** Throws `UsageError` for a file that is torn, foreign, of another version, or of another chart. */
export const loadStopped = (file: string): StoppedExploration => {
  const { header, arrays } = read(file);
  const parsed = v.safeParse(headerSchema, header);
  if (!parsed.success) throw new UsageError(`${file}: its header is none of raftchart explore`);
  const found = parsed.output;
  if (found.version !== version) {
    throw new UsageError(`${file}: it is of version ${found.version}; this program reads version ${version}`);
  }
  if (found.hash !== chartHash(found.chart)) {
    throw new UsageError(
      `${file}: it was made with another chart, other rules or another explorer: start anew`,
    );
  }
  return {
    options: found.options,
    chart: found.chart,
    seconds: found.seconds,
    saved: { header: found.saved, arrays },
  };
};

const read = (file: string): ReturnType<typeof readCheckpoint> => {
  try {
    return readCheckpoint(file);
  } catch (error) {
    const isTheirs = error instanceof UnusableCheckpoint || 'code' in (error as Error);
    throw isTheirs ? new UsageError(`${file}: ${(error as Error).message}`) : error;
  }
};
