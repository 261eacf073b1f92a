import { dirname, relative, resolve } from 'node:path';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import { emit } from '../emit.ts';
import { machineOperand } from '../machine/chart-operand.ts';
import type { MachineFlags } from '../machine/machine-flags.ts';
import type { PathsFormat } from './paths-task.ts';
import { runModelTask } from './run-model-task.ts';
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
  const { text, summary, notReached } = await runModelTask(
    file,
    'paths',
    {
      ...searchRequestOf(flags, cover, kind),
      ...(maxPaths === undefined ? {} : { maxPaths }),
      format,
      command: commandOf(file, flags),
      machineModule: imported(machineOperand(file, flags.export).path),
      modelModule: model === undefined ? null : imported(model),
    },
    flags,
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
