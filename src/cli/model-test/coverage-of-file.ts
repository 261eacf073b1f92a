import { extname, join } from 'node:path';
import type { EventObject } from 'xstate';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import { readLines } from '../coverage/read-trace.ts';
import { emit } from '../emit.ts';
import { knownCharts } from '../machine/known-charts.ts';
import type { MachineFlags } from '../machine/machine-flags.ts';
import { splitOperand } from '../machine/machine-operand.ts';
import { UsageError } from '../usage-error.ts';
import type { RecordedSequence } from './coverage-task.ts';
import { runModelTask } from './run-model-task.ts';
import { checkFile, type SearchFlags, searchRequestOf, tellOfAnswers } from './search-flags.ts';

export interface CoverageOfFileFlags extends SearchFlags, MachineFlags {
  readonly sequences?: string;
  readonly cover: CoverGoal;
  readonly format: 'text' | 'json';
  readonly diagram?: string;
  readonly require: boolean;
  readonly requirePairs?: number;
}

/** Whether an operand is a machine, a module or a chart by its name, and not a trace. */
export const isMachine = (operand: string): boolean =>
  /^\.[cm]?[jt]sx?$/.test(extname(splitOperand(operand).label).toLowerCase()) ||
  knownCharts.some(({ name }) => name === operand);

/** `raftchart coverage FILE`: what is walked of any machine. */
export const coverageOfFile = async (file: string, flags: CoverageOfFileFlags): Promise<void> => {
  const { sequences, cover, format, verbose, diagram, require, requirePairs } = flags;
  const answer = await runModelTask(
    file,
    'coverage',
    {
      ...searchRequestOf(flags, cover),
      sequences: sequences === undefined ? null : [...sequencesIn(sequences)],
      format,
      isVerbose: verbose,
      hasPictures: diagram !== undefined,
    },
    flags,
  );
  const { text, isWhole, pairs, pictures } = answer;
  emit(text, undefined);
  if (diagram !== undefined) {
    for (const [theme, svg] of Object.entries(pictures ?? {})) emit(svg, join(diagram, `full.${theme}.svg`));
  }
  const hasPairs = requirePairs === undefined || 100 * pairs.walked >= requirePairs * pairs.reachable;
  const isMissed = require && !isWhole;
  if (isMissed && sequences === undefined) tellOfAnswers(answer, cover);
  if (isMissed || !hasPairs) process.exitCode = 1;
};

/** A line is an array of events, or an object with `events` and, if the machine needs it, `input`. Throws `UsageError`. */
function* sequencesIn(file: string): Generator<RecordedSequence> {
  checkFile(file);
  let line = 0;
  for (const { text } of readLines(file)) {
    line++;
    if (text.trim() === '') continue;
    yield { place: `${file}:${line}`, ...sequenceOf(text, `${file}:${line}`) };
  }
  if (line === 0) throw new UsageError(`${file} is empty: expected a JSON array of events on each line`);
}

const sequenceOf = (text: string, place: string): Pick<RecordedSequence, 'input' | 'events'> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${place} is not JSON: expected an array of events such as [{"type":"PRESS"}]`);
  }
  const { events, input } = (
    Array.isArray(value) ? { events: value } : (value ?? {})
  ) as Partial<RecordedSequence>;
  if (!Array.isArray(events) || !events.every(isEvent)) {
    throw new UsageError(
      `${place}: expected an array of events such as [{"type":"PRESS"}], each with a type`,
    );
  }
  return input === undefined ? { events } : { events, input };
};

const isEvent = (value: unknown): value is EventObject =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
