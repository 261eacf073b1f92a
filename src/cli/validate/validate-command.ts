import { extname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { generationFor } from '../../conformance/plan.ts';
import { nodeName } from '../../raft/types.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import { commandText } from '../../store/kv/command-text.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { Narrator } from '../../trace/narrator.ts';
import type { SequenceEvent } from '../../trace/sequence.ts';
import { filterSequence } from '../../trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import { Transcript } from '../../trace/transcript.ts';
import { EtcdIds, etcdHabits, etcdLacks } from '../../verify/validate/etcd-lines.ts';
import type { Mapping } from '../../verify/validate/observed-mapping.ts';
import { Unreplayable } from '../../verify/validate/rejection.ts';
import {
  type ObservedVerdict,
  type PlacedRejection,
  type Verdict,
  validateObserved,
  validateTraces,
} from '../../verify/validate/validate-traces.ts';
import { emit } from '../emit.ts';
import { type CapabilityName, capabilitiesOf, parseCapabilities } from '../paths/capability-list.ts';
import { type TraceFormat, TraceWriter, traceFormats } from '../trace-writer.ts';
import { UsageError } from '../usage-error.ts';
import { openObserved, readMapping } from './open-observed.ts';
import { openTraces } from './open-traces.ts';
import { formatOf, type ReadFormat } from './trace-format.ts';

interface Flags {
  readonly partial?: true;
  readonly draw?: string;
  readonly mapping?: string;
  readonly without?: readonly CapabilityName[];
  readonly export?: string;
  readonly format?: TraceFormat;
}

const rejectedCode = 1;
/** Of the events before the one that is rejected. */
const lastEvents = 400;
const lastLines = 12;
const lastMessages = 16;

/** `raftchart validate`: whether a running system did only what the chart allows. docs/traces.md */
export const validateCommand = (): Command =>
  new Command('validate')
    .description(
      'Replays traces of a running system on the role chart: 0 if the rules allow all of it, 1 if not, 2 if a trace is unusable.',
    )
    .argument(
      '<traces...>',
      'one of a whole cluster (raftchart simulate --trace), or those of its nodes (raft-node --trace-file); also of other implementations: docs/traces-of-others.md',
    )
    .option('--partial', 'lines may be missing: what cannot be replayed without them is left out')
    .option('--draw <file>', 'draw the last steps before a rejection (.svg or .mmd)')
    .option('--mapping <file>', 'how the lines of another log become events (JSON); docs/traces-of-others.md')
    .option(
      '--without <capabilities>',
      'what another implementation lacks, such as preVote,hints',
      parseCapabilities,
    )
    .option(
      '--export <file>',
      'write the traces as one, in the order in which they were replayed, if they are accepted',
    )
    .addOption(new Option('--format <format>', 'of --export; docs/traces-of-others.md').choices(traceFormats))
    .action((paths: readonly string[], flags: Flags) => {
      const format = flags.mapping === undefined ? commonFormat(paths) : readMapping(flags.mapping);
      if (flags.format !== undefined && flags.export === undefined)
        throw new UsageError('--format needs --export');
      if (format === 'raftchart') validateOwn(paths, flags);
      else validateOthers(paths, format, flags);
    });

const commonFormat = (paths: readonly string[]): ReadFormat => {
  const [first, ...others] = paths.map((path) => ({ path, format: formatOf(path) }));
  const other = others.find(({ format }) => format !== first!.format);
  if (other === undefined) return first!.format;
  throw new UsageError(`${first!.path} and ${other.path} are of different formats`);
};

const validateOwn = (
  paths: readonly string[],
  { partial, draw, without, export: exported, format }: Flags,
): void => {
  if (without !== undefined)
    throw new UsageError('--without is for other implementations: these traces are of this one');
  if (exported !== undefined && paths.some((path) => resolve(path) === resolve(exported)))
    throw new UsageError(`--export names ${exported}, which is one of the traces`);
  const last: TimedEvent[] = [];
  const sources = openTraces(paths);
  const writer = exported === undefined ? null : new TraceWriter(exported, format ?? 'raftchart');
  const tell = (event: TimedEvent): void => {
    writer?.take(event);
    last.push(event);
    if (last.length > 2 * lastEvents) last.splice(0, lastEvents);
  };
  let isWanted = false;
  try {
    const verdict = usable(() => validateTraces(sources, { isPartial: partial ?? false, tell }));
    const { rejected } = verdict;
    if (rejected === null) {
      isWanted = true;
      writer?.close();
      say(acceptedText(verdict));
      return;
    }
    say(rejectedText(rejected, rejected.event.atMs));
    // The last one is told above.
    const before = last.slice(0, -1);
    say(lastSteps(before).join('\n'));
    if (draw !== undefined) emit(pictureOf(before, rejected, draw), draw);
    process.exitCode = rejectedCode;
  } finally {
    if (!isWanted) writer?.discard();
  }
};

const validateOthers = (
  paths: readonly string[],
  format: Exclude<ReadFormat, 'raftchart'> | Mapping,
  { partial, draw, without, export: exported }: Flags,
): void => {
  if (draw !== undefined) throw new UsageError('--draw is for traces of raftchart alone');
  if (exported !== undefined) throw new UsageError('--export is for traces of raftchart alone');
  const isEtcd = format === 'etcd';
  const { lacks, hints } = generationFor(capabilitiesOf([], without ?? []));
  const ids = new EtcdIds();
  const { figures, rejected } = usable(() =>
    validateObserved(openObserved(paths, format, ids), {
      without: isEtcd && without === undefined ? etcdLacks : (lacks ?? []),
      hasHints: hints ?? true,
      ...(isEtcd ? { habits: etcdHabits } : {}),
      isPartial: partial ?? false,
    }),
  );
  if (rejected === null && figures.events === 0)
    throw new UsageError(`${paths.join(', ')}: no line tells of a node`);
  const notes = [
    ...skippedText(figures.skipped),
    ...[...ids.large].map(([node, id]) => `node${node} is ${id} in the trace`),
  ];
  if (rejected === null) {
    say([observedText(figures), ...notes].join('\n'));
    return;
  }
  const [event] = 'events' in rejected.event ? rejected.event.events : [];
  say([rejectedText(rejected, event?.atMs), ...notes].join('\n'));
  process.exitCode = rejectedCode;
};

const usable = <Value>(make: () => Value): Value => {
  try {
    return make();
  } catch (error) {
    throw error instanceof Unreplayable ? new UsageError(error.message) : error;
  }
};

const observedText = ({ events, nodes, unseen, retaken }: ObservedVerdict['figures']): string => {
  const lines = [`accepted: ${events} events of ${nodes} ${nodes === 1 ? 'node' : 'nodes'} replayed`];
  if (unseen > 0) lines.push(`not shown: the sending of ${unseen} messages that were received`);
  if (retaken > 0) lines.push(`not replayed: ${retaken} times a node was taken as the next line tells it`);
  return lines.join('\n');
};

const skippedText = (skipped: ReadonlyMap<string, number>): readonly string[] => {
  if (skipped.size === 0) return [];
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...skipped].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} (${count})`);
  return [
    `not looked at: ${total} events of ${skipped.size} ${skipped.size === 1 ? 'kind' : 'kinds'}: ${kinds.join(', ')}`,
  ];
};

const acceptedText = ({ figures }: Verdict): string => {
  const { events, runs, steps, unreplayed, unseen } = figures;
  const lines = [`accepted: ${events} events, ${steps} steps of charts replayed in ${runs} runs`];
  if (unreplayed > 0)
    lines.push(`not replayed: ${unreplayed} steps of runs that the traces do not show from their start on`);
  if (unseen > 0)
    lines.push(`not shown: the sending of ${unseen} messages of runs whose trace ends before it`);
  return lines.join('\n');
};

type Rejected = PlacedRejection<TimedEvent>;

const rejectedText = (
  { source, line, rejection }: PlacedRejection<unknown>,
  atMs: number | undefined,
): string => {
  const { node, step, observed, reasons, nearest } = rejection;
  const who = node === null ? '' : `, node${node}`;
  const which = step === null ? '' : `, step ${step}`;
  return [
    `rejected: ${source}:${line}${who}${which}${atMs === undefined ? '' : `, at ${atMs} ms`}`,
    `  ${observed}`,
    '  no rule allows that:',
    ...reasons.map((reason) => `    ${reason}`),
    ...(nearest === null
      ? []
      : [
          `  the nearest rule: ${nearest.id}`,
          ...(nearest.description === null ? [] : [`    ${nearest.description} [${nearest.rule ?? ''}]`]),
        ]),
  ].join('\n');
};

/** The end of the story up to there, in words. */
const lastSteps = (events: readonly TimedEvent[]): readonly string[] => {
  const lines: string[] = [];
  let now = 0;
  const transcript = new Transcript(
    () => now,
    (line) => lines.push(line),
  );
  const narrator = new Narrator({ tell: (who, what) => transcript.tell(who, what) }, commandText);
  for (const event of events) {
    now = event.atMs - events[0]!.atMs;
    narrator.take(event);
  }
  return lines.length === 0 ? [] : ['', 'The last that happened:', ...lines.slice(-lastLines)];
};

const pictureOf = (events: readonly TimedEvent[], { event, rejection }: Rejected, file: string): string => {
  const { node } = rejection;
  const { atMs } = event;
  const wrong: readonly SequenceEvent[] =
    node === null
      ? []
      : [{ kind: 'wrong', time: atMs, node: nodeName(node), label: 'no rule allows this', term: 0 }];
  const story = [...filterSequence(sequenceOfTrace(events), { maxMessages: lastMessages }), ...wrong];
  const title = 'The last steps before the rejection';
  return extname(file) === '.mmd' ? sequenceToMermaid(story) : toSvg(sequenceScene(title, story), 'light');
};

const say = (text: string): void => {
  if (text !== '') process.stdout.write(`${text}\n`);
};
