/*
 * Draws every machine of a directory in every format: `node tools/try-examples.ts DIR`. For each module that imports xstate it prints one
 * line for each machine, or why the module has none; exits with 1 if a machine cannot be drawn. See docs/any-machine.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runMachineTask } from '../src/cli/machine/machine-flags.ts';
import { parseMachineOperand } from '../src/cli/machine/machine-operand.ts';
import type { MachineReading } from '../src/cli/machine/read-task.ts';
import { UsageError } from '../src/cli/usage-error.ts';
import { formats, render } from '../src/statechart/draw/render.ts';
import { noLinks } from '../src/statechart/draw/state-box.ts';
import { statesBelow } from '../src/statechart/read/model.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('name the directory with the machines: node tools/try-examples.ts DIR\n');
  process.exit(2);
}

const skipped = new Set([
  'node_modules',
  'dist',
  'build',
  '.git',
  '.next',
  '.nuxt',
  '.output',
  '.svelte-kit',
]);

const modulesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): readonly string[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : modulesBelow(path);
      const isModule = /\.([mc]?[jt]s|[jt]sx)$/.test(entry.name) && !/\.(d|test|spec)\.\w+$/.test(entry.name);
      return entry.isFile() && isModule && /['"]xstate['"]/.test(readFileSync(path, 'utf8')) ? [path] : [];
    });

interface Tried {
  readonly operand: string;
  readonly outcome: 'drawn' | 'failed' | 'refused';
  /** Null where no machine was read. */
  readonly states: number | null;
  /** One line for each format that failed, or why there is no machine. */
  readonly lines: readonly string[];
}

const tryModule = async (path: string): Promise<readonly Tried[]> => {
  const read = await reading(path);
  if (typeof read !== 'string') return [await draw(path, read)];
  const names = /; choose one as .*#NAME: (.*)$/.exec(read)?.[1]?.split(', ');
  if (names === undefined) return [notRead(path, read)];
  const tried: Tried[] = [];
  for (const name of names) {
    const operand = `${path}#${name}`;
    const one = await reading(operand);
    tried.push(typeof one === 'string' ? notRead(operand, one) : await draw(operand, one));
  }
  return tried;
};

const notRead = (operand: string, line: string): Tried => ({
  operand,
  outcome: line.startsWith(crashed) ? 'failed' : 'refused',
  states: null,
  lines: [line],
});

const crashed = 'crashed: ';

/** The machine, or the line with which it is refused; one that begins with `crashed` where that is our own bug. */
const reading = async (operand: string): Promise<MachineReading | string> => {
  try {
    return await runMachineTask(parseMachineOperand(operand), 'read', null, {
      loadTimeout: 30_000,
      verbose: false,
    });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    return `${crashed}${String((error as Error).message).split('\n')[0]}`;
  }
};

const draw = async (operand: string, read: MachineReading): Promise<Tried> => {
  const lines: string[] = [];
  for (const format of formats) {
    for (const kind of ['overview', 'full'] as const) {
      try {
        await render(read, format, { kind }, 'light', noLinks);
      } catch (error) {
        lines.push(`${format}, ${kind}: ${String((error as Error).message).split('\n')[0]}`);
      }
    }
  }
  return {
    operand,
    outcome: lines.length === 0 ? 'drawn' : 'failed',
    states: statesBelow(read.chart.root).length - 1,
    lines,
  };
};

const modules = modulesBelow(directory);
const counts = { drawn: 0, failed: 0, refused: 0 };
for (const path of modules) {
  for (const { operand, outcome, states, lines } of await tryModule(path)) {
    counts[outcome] += 1;
    const size = states === null ? '' : ` (${states} states)`;
    process.stdout.write(`${outcome.padEnd(8)}${relative(directory, operand)}${size}\n`);
    for (const line of lines) process.stdout.write(`        ${line}\n`);
  }
}
process.stdout.write(
  `${modules.length} modules that import xstate; machines: ${counts.drawn} drawn in ${formats.length} formats, ${counts.failed} failed; ${counts.refused} modules refused\n`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;
