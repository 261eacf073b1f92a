import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { checkEventTypes } from '../../statechart/model-test/event-types.ts';
import { runOf, samplesIn } from '../../statechart/model-test/model-test-options.ts';
import { type Runner, testFile } from '../../statechart/model-test/test-file.ts';
import {
  type MachinePaths,
  type MachinePathsOptions,
  machinePaths,
} from '../../statechart/paths/machine-paths.ts';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import {
  extentOf,
  notReachedLines,
  pathsToLines,
  pathsToMarkdown,
} from '../../statechart/paths/paths-text.ts';
import type { EventMap } from '../../statechart/paths/samples.ts';
import { walk } from '../../statechart/read/walk.ts';
import { machinesOf } from '../machine/find-machines.ts';
import type { TaskTools } from '../machine/machine-task.ts';
import { UsageError } from '../usage-error.ts';
import { asUsage, loadModelModule, type NamedModule } from './model-module.ts';
import { notReachedWithRemedy } from './not-reached.ts';

/** What is searched in a machine, and with which events. */
export interface SearchRequest {
  /** Payloads alone. */
  readonly events: NamedModule | null;
  /** The same, and how each event is done: what is not done is not sent. */
  readonly model: NamedModule | null;
  readonly cover: CoverGoal;
  readonly kind: 'shortest' | 'simple';
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxPaths?: number;
}

export type PathsFormat = 'ndjson' | 'markdown' | Runner;

export interface PathsRequest extends SearchRequest {
  readonly format: PathsFormat;
  readonly command: string;
  /** As a test file imports the machine and the model. */
  readonly machineModule: string;
  readonly modelModule: string | null;
}

export interface PathsAnswer {
  readonly text: string;
  /** How many there are, and how far the search came. */
  readonly summary: string;
  readonly notReached: readonly string[];
}

/** Task `paths`: generates paths and writes them in a format. */
export const pathsTask = (
  machine: AnyStateMachine,
  request: PathsRequest,
  { path, report }: TaskTools,
): Promise<PathsAnswer> =>
  asUsage(async () => {
    const found = await search(machine, request, report);
    const machines = machinesOf((await import(pathToFileURL(path).href)) as Record<string, unknown>);
    const { name } = machines.find((each) => each.machine === machine)!;
    return {
      text: textOf(machine, found, request, name),
      summary: `${found.paths.length} ${found.paths.length === 1 ? 'path' : 'paths'} for ${found.cover}; ${extentOf(found)}`,
      notReached: notReachedWithRemedy(found),
    };
  });

/** Paths as a request asks for them. */
export const search = async (
  machine: AnyStateMachine,
  request: SearchRequest,
  onProgress: (states: number) => void = () => {},
): Promise<MachinePaths> => machinePaths(machine, { ...(await searchOptions(machine, request)), onProgress });

/** Why a machine has no path at all. */
export const noPath = (machine: string, found: MachinePaths): UsageError =>
  new UsageError(
    `there is no path to test in ${machine}: ${notReachedLines(found)[0] ?? 'it takes no event'}`,
  );

const searchOptions = async (
  machine: AnyStateMachine,
  { events, model, cover, kind, ...limits }: SearchRequest,
): Promise<MachinePathsOptions> => {
  const { maxStates, maxDepth, maxPaths } = limits;
  const options: MachinePathsOptions = {
    cover,
    kind,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(maxPaths === undefined ? {} : { maxPaths }),
  };
  const source = model ?? events;
  if (source === null) return options;
  const { events: given, inputs, project, advance } = await loadModelModule(source);
  if (model !== null) {
    checkEventTypes(walk(machine), Object.keys(given));
    if (advance === undefined && Object.values(given).every((each) => runOf(each) === null))
      throw new UsageError(
        `${model.label} does nothing to the system: give an event a run, or give advance for timers`,
      );
  }
  const samples = Object.entries(given).map(([type, each]) => [
    type,
    // Without runs, a function tells the payloads.
    model === null && typeof each === 'function' ? { samples: each } : samplesIn(each),
  ]);
  return {
    ...options,
    events: Object.fromEntries(samples) as EventMap,
    ...(inputs === undefined ? {} : { inputs }),
    ...(project === undefined ? {} : { project }),
    ...(model === null
      ? {}
      : {
          filter: ({ event, timer }) =>
            timer === null ? runOf(given[event.type]) !== null : advance !== undefined,
        }),
  };
};

const textOf = (
  machine: AnyStateMachine,
  found: MachinePaths,
  { format, command, machineModule, modelModule }: PathsRequest,
  machineName: string,
): string => {
  if (format === 'ndjson') return pathsToLines(found, machine.id);
  if (format === 'markdown') return pathsToMarkdown(found, machine.id);
  if (found.paths.length === 0) throw noPath(machine.id, found);
  return testFile({
    runner: format,
    command,
    title: machine.id,
    machine: { module: machineModule, name: machineName },
    model: modelModule,
    paths: found.paths,
  });
};
