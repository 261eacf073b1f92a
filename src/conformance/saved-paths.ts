import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { chartWithout, dispensable } from '../verify/paths/chart-without.ts';
import { hashOf } from '../verify/paths/generate-paths.ts';
import { type Path, type PathSet, type PathStep, pathFormatVersion } from '../verify/paths/path.ts';
import { fromLines } from '../verify/paths/path-file.ts';
import { countSchema, nodeIdSchema } from '../verify/paths/path-schema.ts';
import { replay } from '../verify/paths/replay.ts';
import { model, type StepInput } from './plan.ts';
import { readJson } from './read-json.ts';
import { reportFormat, reportVersion } from './report-json.ts';

/**
 * Reads paths that were saved: those of `raftchart paths`, or the shortened ones in a report of `raftchart conformance --json`. Throws an
 * `Error` of one line for anything else. Whether they still are what the chart does is for `assertCurrent` to say, path by path.
 */
export const parseSavedPaths = (text: string): SavedPaths =>
  /^\s*\{\s*\n/.test(text) ? { ...ofReport(text), isWhole: false } : ofPaths(text);

/** Paths out of a file. */
export interface SavedPaths extends PathSet {
  /** They are all that were generated, and not those of some findings. */
  readonly isWhole: boolean;
}

const ofPaths = (text: string): SavedPaths => {
  const set = fromLines(text);
  if (hashOf(chartWithout(set.lacks ?? []), set.paths) !== set.chart) {
    throw new Error(
      'the paths are of another chart, or were changed: write them again with npx raftchart paths -o',
    );
  }
  return { ...set, isWhole: set.nodes === undefined };
};

/** Throws an `Error` of one line if the chart does not do what the path says. */
export const assertCurrent = (path: Path): void => {
  if (replay(path) === null) return;
  throw new Error(`path ${path.id} is no longer what the chart does: write the file again`);
};

const pathSchema = v.looseObject({
  id: v.string(),
  title: v.string(),
  voters: v.array(nodeIdSchema),
  disk: v.picklist(['prompt', 'slow']),
  settings: v.looseObject({ maxEntriesPerMessage: countSchema }),
  lacks: v.exactOptional(v.array(v.picklist(dispensable))),
  steps: v.array(
    v.object({
      event: v.looseObject({ type: v.string() }),
      isDuplicate: v.boolean(),
      isHostile: v.boolean(),
      transitions: v.array(v.string()),
    }),
  ),
});

const reportSchema = v.object({
  format: v.literal(reportFormat),
  version: v.literal(reportVersion),
  chart: v.string(),
  cover: v.picklist(['transitions', 'pairs']),
  rules: v.array(
    v.object({ subjects: v.array(v.object({ findings: v.array(v.object({ path: pathSchema })) })) }),
  ),
});

const ofReport = (text: string): PathSet => {
  const { chart, cover, rules } = readJson(text, reportSchema, 'the report');
  const paths = rules.flatMap(({ subjects }) =>
    subjects.flatMap(({ findings }) => findings.map(({ path }) => restored(path))),
  );
  // Several findings may be shown by one path.
  const byId = new Map(paths.map((path) => [path.id, path]));
  const lacks = paths[0]?.lacks;
  return { version: pathFormatVersion, chart, cover, ...(lacks && { lacks }), paths: [...byId.values()] };
};

type SavedPath = v.InferOutput<typeof pathSchema>;

/** A path of a report with all that follows from the chart. Throws if it goes through other transitions by now. */
const restored = (saved: SavedPath): Path => {
  // What the schema leaves open shows when the chart takes it.
  const path = saved as unknown as Omit<Path, 'steps'> & { readonly steps: readonly StepInput[] };
  try {
    const { steps } = model(path, path.steps);
    const through = steps.map(({ transitions }) => transitions.map(({ id }) => id));
    const saidThrough = saved.steps.map(({ transitions }) => transitions);
    if (isDeepStrictEqual(through, saidThrough)) return { ...path, steps: steps.map(stepOf) };
  } catch {
    // What happens in it cannot happen by now, or never could.
  }
  throw new Error(`path ${path.id} is no longer what the chart does: write the report again`);
};

/** Without what belongs to this walk alone. */
const stepOf = ({ event, isDuplicate, isHostile, expect, transitions }: PathStep): PathStep => ({
  event,
  isDuplicate,
  isHostile,
  expect,
  transitions,
});
