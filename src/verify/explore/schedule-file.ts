import * as v from 'valibot';
import type { TimedEvent } from '../../trace/events.ts';
import { traceLine } from '../../trace/trace-line.ts';
import { pathFormatVersion } from '../paths/path.ts';
import {
  countSchema,
  memberChangeSchema,
  nodeIdSchema,
  pathMessageSchema,
  timerNameSchema,
} from '../paths/path-schema.ts';
import type { ExploreOptions, ScheduledEvent } from './cluster-event.ts';

/** The first line of a counterexample's trace: everything needed to play it again. The events follow, one per line. */
export interface ScheduleHeader {
  readonly format: 'raftchart-schedule';
  readonly version: typeof scheduleVersion;
  readonly options: ExploreOptions;
  /** The property that it breaks. */
  readonly property: string;
  readonly chart: ExploredChart;
  readonly schedule: readonly ScheduledEvent[];
  /** How many lines follow: a truncated file has fewer. */
  readonly lines: number;
}

/** A changed chart: its module, as given, and its export, or the name of the rule that it breaks. Null: this repository's chart. */
export type ExploredChart =
  | { readonly file: string; readonly export: string | null }
  | { readonly broken: string }
  | null;

/** Messages and timers are written as in paths, so a change there changes this format too. */
const scheduleVersion = pathFormatVersion;

/** The name of such a file among those of a counterexample. */
export const scheduleFileName = 'trace.ndjson';

/** A file without a playable schedule; the message is one line, without the file's name. */
export class UnusableSchedule extends Error {
  override readonly name = 'UnusableSchedule';
}

export const scheduleFileText = (
  { options, property, chart, schedule }: Pick<ScheduleHeader, 'options' | 'property' | 'chart' | 'schedule'>,
  events: readonly TimedEvent[],
): string => {
  const first: ScheduleHeader = {
    format: 'raftchart-schedule',
    version: scheduleVersion,
    options,
    property,
    chart,
    schedule,
    lines: events.length,
  };
  return [JSON.stringify(first), ...events.map(traceLine)].map((line) => `${line}\n`).join('');
};

/** The header of a trace. Throws `UnusableSchedule`. */
export const parseScheduleFile = (text: string): ScheduleHeader => {
  const end = text.indexOf('\n');
  const header = parseHeader(end < 0 ? text : text.slice(0, end));
  const lines = text.split('\n').length - 2;
  if (!text.endsWith('\n') || lines !== header.lines) {
    throw new UnusableSchedule(
      `it is cut off or was changed: ${header.lines} events should follow its first line`,
    );
  }
  return header;
};

const parseHeader = (line: string): ScheduleHeader => {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    throw new UnusableSchedule(
      'its first line is no JSON: it is no trace of raftchart explore, or it is cut off',
    );
  }
  const named = found as { readonly format?: unknown; readonly version?: unknown } | null;
  if (typeof named !== 'object' || named?.format !== 'raftchart-schedule') {
    throw new UnusableSchedule(
      'it is no trace of raftchart explore: its first line does not hold a schedule',
    );
  }
  if (named.version !== scheduleVersion) {
    throw new UnusableSchedule(
      `it is of version ${named.version}; this program plays version ${scheduleVersion}`,
    );
  }
  const parsed = v.safeParse(headerSchema, found);
  if (parsed.success) return parsed.output as ScheduleHeader;
  const [issue] = parsed.issues;
  throw new UnusableSchedule(
    `its schedule cannot be used: ${v.getDotPath(issue) ?? 'header'}: ${issue.message}`,
  );
};

/** All but crashes: none of these holds another. */
const happeningSchemas = [
  v.strictObject({
    type: v.literal('deliver'),
    message: pathMessageSchema,
    again: v.optional(v.literal(true)),
  }),
  v.strictObject({ type: v.literal('lose'), message: pathMessageSchema }),
  v.strictObject({
    type: v.literal('timeout'),
    node: nodeIdSchema,
    timer: timerNameSchema,
  }),
  v.strictObject({ type: v.literal('propose'), node: nodeIdSchema }),
  v.strictObject({ type: v.literal('transfer'), node: nodeIdSchema, target: nodeIdSchema }),
  v.strictObject({ type: v.literal('read'), node: nodeIdSchema, id: countSchema }),
  v.strictObject({ type: v.literal('change'), node: nodeIdSchema, changes: v.array(memberChangeSchema) }),
  v.strictObject({ type: v.literal('snapshot'), node: nodeIdSchema }),
  v.strictObject({ type: v.literal('checked'), node: nodeIdSchema }),
  v.strictObject({ type: v.literal('durable'), node: nodeIdSchema }),
] as const;

const eventSchema = v.variant('type', [
  ...happeningSchemas,
  v.strictObject({
    type: v.literal('crash'),
    node: nodeIdSchema,
    writes: countSchema,
    during: v.optional(v.variant('type', happeningSchemas)),
    effects: v.optional(countSchema),
  }),
]);

/** `ExploreOptions`, as they stand in files. */
export const exploreOptionsSchema = v.strictObject({
  nodes: v.pipe(nodeIdSchema, v.maxValue(7)),
  spares: v.optional(v.pipe(countSchema, v.maxValue(7)), 0),
  maxTerm: countSchema,
  maxLog: countSchema,
  messages: countSchema,
  loss: v.boolean(),
  duplicates: v.boolean(),
  crashes: countSchema,
  // Files from before there were transfers, reads, snapshots and changes of the members have none.
  transfers: v.optional(countSchema, 0),
  reads: v.optional(countSchema, 0),
  snapshots: v.optional(countSchema, 0),
  reconfigurations: v.optional(countSchema, 0),
  disk: v.picklist(['prompt', 'slow']),
});

/** `ExploredChart`, as it stands in files. */
export const exploredChartSchema = v.nullable(
  v.union([
    v.strictObject({ file: v.string(), export: v.nullable(v.string()) }),
    v.strictObject({ broken: v.string() }),
  ]),
);

const headerSchema = v.strictObject({
  format: v.literal('raftchart-schedule'),
  version: v.literal(scheduleVersion),
  options: exploreOptionsSchema,
  property: v.string(),
  chart: exploredChartSchema,
  schedule: v.array(v.strictObject({ event: eventSchema, dropped: v.array(pathMessageSchema) })),
  lines: countSchema,
});
