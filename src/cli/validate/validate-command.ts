import { extname } from 'node:path';
import { Command } from 'commander';
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
import { Unreplayable } from '../../verify/validate/trace-validator.ts';
import { type Verdict, validateTraces } from '../../verify/validate/validate-traces.ts';
import { emit } from '../diagram/diagram-command.ts';
import { UsageError } from '../usage-error.ts';
import { openTraces } from './open-traces.ts';

interface Flags {
  readonly partial?: true;
  readonly draw?: string;
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
      'one of a whole cluster (raftchart simulate --trace), or those of its nodes (raft-node --trace-file)',
    )
    .option('--partial', 'lines may be missing: what cannot be replayed without them is left out')
    .option('--draw <file>', 'draw the last steps before a rejection (.svg or .mmd)')
    .action((paths: readonly string[], { partial, draw }: Flags) => {
      const last: TimedEvent[] = [];
      const tell = (event: TimedEvent): void => {
        last.push(event);
        if (last.length > 2 * lastEvents) last.splice(0, lastEvents);
      };
      const verdict = usable(() => validateTraces(openTraces(paths), { isPartial: partial ?? false, tell }));
      const { rejected } = verdict;
      if (rejected === null) {
        say(acceptedText(verdict));
        return;
      }
      say(rejectedText(rejected));
      // The last one is told above.
      const before = last.slice(0, -1);
      say(lastSteps(before).join('\n'));
      if (draw !== undefined) emit(pictureOf(before, rejected, draw), draw);
      process.exitCode = rejectedCode;
    });

const usable = <Value>(make: () => Value): Value => {
  try {
    return make();
  } catch (error) {
    throw error instanceof Unreplayable ? new UsageError(error.message) : error;
  }
};

const acceptedText = ({ figures }: Verdict): string => {
  const { events, runs, steps, unreplayed, unseen } = figures;
  const lines = [`accepted: ${events} events, ${steps} steps of charts replayed in ${runs} runs`];
  if (unreplayed > 0)
    lines.push(`not replayed: ${unreplayed} steps of runs that the traces do not show from their start on`);
  if (unseen > 0)
    lines.push(`not shown: ${unseen} messages that runs had sent which were killed before they wrote so`);
  return lines.join('\n');
};

type Rejected = NonNullable<Verdict['rejected']>;

const rejectedText = ({ source, line, atMs, rejection }: Rejected): string => {
  const { node, step, observed, reasons, nearest } = rejection;
  const who = node === null ? '' : `, node${node}`;
  const which = step === null ? '' : `, step ${step}`;
  return [
    `rejected: ${source}:${line}${who}${which}, at ${atMs} ms`,
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

const pictureOf = (events: readonly TimedEvent[], { atMs, rejection }: Rejected, file: string): string => {
  const { node } = rejection;
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
