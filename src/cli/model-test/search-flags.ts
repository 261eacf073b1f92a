import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import { statOf } from '../machine/machine-operand.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import type { NamedModule } from './model-module.ts';
import type { SearchRequest } from './paths-task.ts';

/** The flags of commands that search a machine. */
export interface SearchFlags {
  readonly events?: string;
  readonly model?: string;
  readonly maxStates?: number;
  readonly maxDepth?: number;
}

/** Adds the flags of `SearchFlags` to a command. */
export const withSearchFlags = (command: Command): Command =>
  command
    .option('--events <module>', 'what events carry: a module that exports events, by type')
    .option('--model <module>', 'how each event is done to your system, and what must hold then')
    .addOption(
      new Option('--max-states <n>', 'stop the search at so many states').argParser(parsedBy(parseCount)),
    )
    .addOption(
      new Option('--max-depth <n>', 'stop so many steps from the start').argParser(parsedBy(parseCount)),
    );

/** Throws `UsageError` for modules that are not there, or of which one makes the other superfluous. */
export const searchRequestOf = (
  { events, model, maxStates, maxDepth }: SearchFlags,
  cover: CoverGoal,
  kind: 'shortest' | 'simple' = 'shortest',
): SearchRequest => {
  if (events !== undefined && model !== undefined) {
    throw new UsageError('--model says what events carry as well: leave --events out');
  }
  return {
    events: moduleOf(events),
    model: moduleOf(model),
    cover,
    kind,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
  };
};

export const moduleOf = (label: string | undefined): NamedModule | null => {
  if (label === undefined) return null;
  checkFile(label);
  return { path: resolve(label), label };
};

/** Throws `UsageError` unless there is a file. */
export const checkFile = (label: string): void => {
  if (statOf(label, label).isDirectory()) throw new UsageError(`${label} is a directory: name a file in it`);
};

/** Says how `--require` is met where answers of guards are missing: paths for other goals do not look for them. */
export const tellOfAnswers = (
  { lacksAnswers }: { readonly lacksAnswers: boolean },
  cover: CoverGoal,
): void => {
  if (!lacksAnswers || cover === 'guards') return;
  process.stderr.write(
    `--require asks for both answers of each guard, and paths for ${cover} do not look for them: add --cover guards\n`,
  );
};

export const parseCount = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`expected a whole number from 1 on, got "${text}"`);
  return Number(text);
};
