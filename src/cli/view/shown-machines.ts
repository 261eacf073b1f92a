import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { detailsOf } from '../../page/data/details.ts';
import type { PageDetails } from '../../page/data/page-data.ts';
import { PackageMissing } from '../../statechart/missing-package.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { readSourceIndex } from '../diagram/sources.ts';
import { chartOperand } from '../machine/chart-operand.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import type { MachineOperand } from '../machine/machine-operand.ts';
import type { ChildOptions } from '../machine/run-in-child.ts';
import type { NamedModule } from '../model-test/model-module.ts';
import { quoted } from '../quoted.ts';
import { UsageError } from '../usage-error.ts';
import { type ChartData, chartData } from './chart-data.ts';
import { machinePaths } from './machine-paths.ts';
import type { MadeOnce } from './made-once.ts';

/** A machine of other people that the page shows. */
export interface ShownMachine {
  /** As the person wrote it. */
  readonly text: string;
  readonly operand: MachineOperand;
  /** On the page, where no other has it. */
  readonly name: string;
}

export interface LoadedMachine {
  readonly data: ChartData;
  /** Where the page finds the paths, and what makes them. */
  readonly paths: MadeOnce;
  readonly pathsAddress: string;
}

export interface LoadFlags extends MachineFlags {
  readonly events: NamedModule | null;
}

/** The machines that operands stand for, `FILE` or `FILE#NAME`, with names that differ from each other and from those in `taken`. Throws `UsageError`. */
export const shownMachines = (
  texts: readonly string[],
  exportName: string | undefined,
  taken: readonly string[],
): readonly ShownMachine[] => {
  const names = new Set(taken);
  return texts.map((text) => {
    const operand = chartOperand(text, exportName);
    const wanted = operand.name ?? basename(operand.path).replace(/(\.machine)?\.\w+$/, '');
    let name = wanted;
    for (let number = 2; names.has(name); number++) name = `${wanted} ${number}`;
    names.add(name);
    return { text, operand, name };
  });
};

/** Loads a machine in a process of its own and lays it out. Rejects with `UsageError`. */
export const loadMachine = async (
  shown: ShownMachine,
  flags: LoadFlags,
  options: Pick<ChildOptions, 'signal' | 'onSources'> = {},
): Promise<LoadedMachine> => {
  const { text, operand, name } = shown;
  const { chart } = await runMachineTask(operand, 'read', null, flags, options);
  const root = rootOf(operand.path);
  const path = relative(root, operand.path).replaceAll('\\', '/');
  // Another one each time: the same chart has other paths once its guards do something else.
  const pathsAddress = `paths/${encodeURIComponent(name)}-${randomBytes(6).toString('hex')}.json`;
  const details = await detailsIn(root, path, operand, chart);
  try {
    return {
      data: await chartData({ name, title: titleOf(chart, name), path, chart, paths: pathsAddress }, details),
      paths: machinePaths(operand, { events: flags.events, command: commandOf(text, flags) }, flags),
      pathsAddress,
    };
  } catch (error) {
    if (error instanceof PackageMissing) throw new UsageError(error.message);
    throw error;
  }
};

/** XState calls a machine without an id `(machine)`. */
const titleOf = ({ id }: ChartModel, name: string): string => (id === '(machine)' ? name : id);

/** The folder from which places are told: the working directory, where the file is in it. */
const rootOf = (path: string): string => {
  const here = resolve('.');
  return relative(here, path).startsWith('..') ? dirname(path) : here;
};

const detailsIn = async (
  root: string,
  path: string,
  operand: MachineOperand,
  chart: ChartModel,
): Promise<PageDetails> => {
  const text = readSource(operand);
  try {
    const sources = await readSourceIndex(root, { path, exportName: operand.name ?? undefined });
    return detailsOf(chart, text, sources, null);
  } catch (error) {
    const nowhere = { rule: () => null, binding: () => null };
    if (!(error instanceof PackageMissing)) throw error;
    return { ...detailsOf(chart, text, nowhere, null), problem: error.message };
  }
};

/** It may have gone since it was loaded. */
const readSource = ({ path, label }: MachineOperand): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${label} cannot be read: check its permissions`);
  }
};

const commandOf = (text: string, { export: exportName, events }: LoadFlags): string =>
  [
    `npx raftchart paths ${quoted(text)} --format markdown`,
    ...(exportName === undefined ? [] : [`--export ${quoted(exportName)}`]),
    ...(events === null ? [] : [`--events ${quoted(events.label)}`]),
  ].join(' ');
