import { dirname, relative, resolve } from 'node:path';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import { emit } from '../diagram/diagram-command.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import { splitOperand } from '../machine/machine-operand.ts';
import { UsageError } from '../usage-error.ts';
import { machineProgress } from './machine-progress.ts';
import type { PathsFormat } from './paths-task.ts';
import { type SearchFlags, searchRequestOf } from './search-flags.ts';

export interface PathsOfFileFlags extends SearchFlags, MachineFlags {
  readonly format: PathsFormat;
  readonly cover: CoverGoal;
  readonly kind: 'shortest' | 'simple';
  readonly maxPaths?: number;
  readonly output?: string;
}

/** `raftchart paths FILE`: paths through any machine. What is not reached is told on stderr. */
export const pathsOfFile = async (file: string, flags: PathsOfFileFlags): Promise<void> => {
  const { format, cover, kind, maxPaths, output, model } = flags;
  const folder = dirname(resolve(output ?? 'x'));
  const imported = (path: string) => {
    const near = relative(folder, resolve(path)).replaceAll('\\', '/');
    return near.startsWith('.') ? near : `./${near}`;
  };
  const { text, summary, notReached } = await machineProgress((onProgress) =>
    runMachineTask(
      file,
      'paths',
      {
        ...searchRequestOf(flags, cover, kind),
        ...(maxPaths === undefined ? {} : { maxPaths }),
        format,
        command: commandOf(file, flags),
        machineModule: imported(splitOperand(file).label),
        modelModule: model === undefined ? null : imported(model),
      },
      flags,
      onProgress,
    ),
  );
  emit(text, output);
  process.stderr.write(`${summary}\n`);
  // The document lists them itself.
  if (format === 'markdown' || notReached.length === 0) return;
  process.stderr.write(`not reached, and why:\n${notReached.map((line) => `  ${line}\n`).join('')}`);
};

const commandOf = (file: string, { format, cover, kind, events, model, output }: PathsOfFileFlags): string =>
  [
    'raftchart paths',
    file,
    `--format ${format}`,
    ...(cover === 'transitions' ? [] : [`--cover ${cover}`]),
    ...(kind === 'shortest' ? [] : [`--kind ${kind}`]),
    ...(events === undefined ? [] : [`--events ${events}`]),
    ...(model === undefined ? [] : [`--model ${model}`]),
    ...(output === undefined ? [] : [`-o ${output}`]),
  ]
    .join(' ')
    .replaceAll(/[\r\n\u2028\u2029]/g, ' ');

/** Throws `UsageError` for what only our own chart has, or only other machines. */
export const checkFlagsFit = (file: string | undefined, given: readonly string[]): void => {
  const own = ['--nodes', '--without', '--with'];
  const others = ['--kind', '--events', '--model', '--max-states', '--max-depth', '--max-paths', '--export'];
  const wrong = given.find((flag) => (file === undefined ? others : own).includes(flag));
  if (wrong === undefined) return;
  throw new UsageError(
    file === undefined
      ? `${wrong} is for machines of your own: name a file, as in raftchart paths FILE ${wrong}`
      : `${wrong} is for the chart of Raft, not for ${file}: leave it out`,
  );
};
