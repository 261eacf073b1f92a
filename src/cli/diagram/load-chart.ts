import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';
import type { SourceIndex } from '../../statechart/read/source-index.ts';
import { isMachine } from '../../statechart/read/xstate-internals.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { UsageError } from '../usage-error.ts';
import { knownCharts } from './charts.ts';
import { packageRoot, readLinkIndex } from './sources.ts';

/** A machine, where its names are defined, and how its sources are written; paths of the index are relative to `root`. */
export interface LoadedChart {
  readonly machine: AnyStateMachine;
  readonly root: string;
  readonly index: SourceIndex;
  readonly rules: RuleStyle;
}

/** One of the charts of this repository by its name, or any XState 5 machine by the path of its module. */
export const loadChart = async (nameOrPath: string, exportName: string | undefined): Promise<LoadedChart> => {
  const known = knownCharts.find(({ name }) => name === nameOrPath);
  if (known !== undefined && exportName === undefined) {
    const root = packageRoot();
    return { machine: known.machine, root, index: await readLinkIndex(root, known), rules: raftRules };
  }
  const path = resolve(nameOrPath);
  if (!existsSync(path)) {
    if (known !== undefined)
      throw new UsageError(
        `--export is for modules: ${nameOrPath} is a chart of raftchart, and there is no such file`,
      );
    const names = knownCharts.map(({ name }) => name).join(', ');
    throw new UsageError(`no chart and no file called ${nameOrPath}; charts: ${names}`);
  }
  const root = dirname(path);
  return {
    machine: await loadMachine(path, exportName),
    root,
    index: await readLinkIndex(root, { path: basename(path), exportName }),
    rules: plainRules,
  };
};

/** Imports a module and takes the machine that it exports; `exportName` is needed only where there are several. */
export const loadMachine = async (path: string, exportName: string | undefined): Promise<AnyStateMachine> => {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UsageError(`cannot load ${path}: ${String((error as Error).message).split('\n')[0]}`);
  }
  const machines = Object.entries(module).filter(([, value]) => isMachine(value));
  if (exportName !== undefined) {
    const machine = module[exportName];
    if (isMachine(machine)) return machine;
    throw new UsageError(`${path} exports no machine called ${exportName}${listOf(machines)}`);
  }
  if (machines.length === 1) return machines[0]![1] as AnyStateMachine;
  throw new UsageError(
    machines.length === 0
      ? `${path} exports no XState 5 machine`
      : `${path} exports several machines; choose one with --export${listOf(machines)}`,
  );
};

const listOf = (machines: readonly (readonly [string, unknown])[]): string =>
  machines.length === 0 ? '' : `: ${machines.map(([name]) => name).join(', ')}`;
