import type { AnyStateMachine } from 'xstate';
import { type Assessment, assess } from '../coverage/assessment.ts';
import { coverageLines } from '../coverage/coverage-text.ts';
import type { Theme } from '../draw/palette.ts';
import { type MachinePaths, type MachinePathsOptions, machinePaths } from '../paths/machine-paths.ts';
import { MachineSteps } from '../paths/machine-steps.ts';
import { machineUniverse } from '../paths/machine-universe.ts';
import { MachineWalk } from '../paths/machine-walk.ts';
import type { ModelPath } from '../paths/model-path.ts';
import type { OfferFilter } from '../paths/offers.ts';
import { type EventMap, loadFastCheck, sampleSource } from '../paths/samples.ts';
import { shadedChart } from '../paths/shaded-chart.ts';
import { type ChartModel, transitionsOf } from '../read/model.ts';
import { walk } from '../read/walk.ts';
import { checkEventTypes } from './event-types.ts';
import { ModelTestFailed } from './model-test-failure.ts';
import { type ModelTestOptions, ModelTestUnfit, runOf, samplesIn } from './model-test-options.ts';
import { PathRun, stateAt } from './path-run.ts';
import { type Choice, choicesArbitrary, walkRandomly } from './random-walk.ts';

/** Its default export. */
type FastCheck = typeof import('fast-check').default;
type PathChoice = Pick<MachinePathsOptions, 'cover' | 'kind' | 'maxPaths'>;

/** A path of a machine, walked on a system. */
export interface PathResult {
  readonly path: ModelPath;
  /** Null: it passed. */
  readonly failure: ModelTestFailed | null;
}

/** A machine as the model of a system: generates paths through it, and walks both at once. */
export interface ModelTest {
  /** Paths that together take each transition (or what `cover` says) that the given events and samples can take. */
  paths(choice?: PathChoice): Promise<readonly ModelPath[]>;
  /** The same with what they leave out, and why. */
  search(choice?: PathChoice): Promise<MachinePaths>;
  /** Walks a path on a new system. Rejects with `ModelTestFailed`. */
  run(path: ModelPath): Promise<void>;
  /** Walks all paths, each on a new system, to their ends. Rejects with `ModelTestFailed` for the first that failed, which says how many others did. */
  testAll(choice?: PathChoice): Promise<void>;
  /** The same, and tells what became of each. */
  results(choice?: PathChoice): Promise<readonly PathResult[]>;
  /** Random walks as a property of fast-check, for `fc.assert`, which shrinks one that fails to the fewest events. */
  property(fc: FastCheck): Promise<import('fast-check').IAsyncPropertyWithHooks<[readonly Choice[]]>>;
  /** What all walks of this model test together have walked of the machine. */
  coverage(): Assessment;
  /** The same as a table. */
  coverageText(): string;
  /** The chart, shaded by it. */
  coverageSvg(theme?: Theme): Promise<string>;
}

/** Makes a machine the model of a system. Throws `ModelTestUnfit` for events, states or options that the machine does not have. */
export const createModelTest = <System>(
  machine: AnyStateMachine,
  options: ModelTestOptions<System>,
): ModelTest => {
  const chart = walk(machine);
  checkNames(machine, chart, options);
  const { inputs = [undefined], project, maxStates, maxDepth, advance } = options;
  const universe = machineUniverse(chart);
  const steps = new MachineSteps(machine, { project });
  const walked = new MachineWalk(universe);
  const events: EventMap = Object.fromEntries(
    Object.entries(options.events).map(([type, tested]) => [type, samplesIn(tested)]),
  );
  // A step that nothing does to the system is left out.
  const filter: OfferFilter = ({ event, timer }) =>
    timer === null ? runOf(options.events[event.type]) !== null : advance !== undefined;

  const search = (choice: PathChoice = {}): Promise<MachinePaths> =>
    machinePaths(machine, {
      ...choice,
      events,
      inputs,
      filter,
      ...(project === undefined ? {} : { project }),
      ...(maxStates === undefined ? {} : { maxStates }),
      ...(maxDepth === undefined ? {} : { maxDepth }),
    });

  const withSystem = async (input: unknown, use: (run: PathRun<System>) => Promise<void>): Promise<void> => {
    const run = await PathRun.start(steps, options, walked, input);
    try {
      await use(run);
    } finally {
      await run.end();
    }
  };

  const runPath = (path: ModelPath): Promise<void> =>
    withSystem(path.input, async (run) => {
      if (run.state.name !== path.state) {
        throw new ModelTestFailed(
          `the machine has changed: it starts in ${run.state.name}, expected ${path.state}; generate the paths anew if that is right`,
          [],
        );
      }
      await run.check();
      for (const step of path.steps) await run.follow(step);
    });

  const results = async (choice?: PathChoice): Promise<readonly PathResult[]> => {
    const found: PathResult[] = [];
    for (const path of (await search(choice)).paths)
      found.push({ path, failure: await failureOf(runPath, path) });
    return found;
  };

  const coverage = (): Assessment => assess(universe.universe, universe.exclusions, walked.walked());

  return {
    paths: async (choice) => (await search(choice)).paths,
    search,
    run: runPath,
    results,
    testAll: async (choice) => {
      const all = await results(choice);
      const failed = all.flatMap(({ failure }) => failure ?? []);
      const [first, ...others] = failed;
      if (all.length === 0)
        throw new ModelTestUnfit(`${chart.id} has no path: give events a run, or advance for timers`);
      if (first === undefined) return;
      if (others.length > 0) first.message += `\n${others.length} more of ${all.length} paths failed`;
      throw first;
    },
    property: async (fc) => {
      const samples = await sampleSource(machine, events);
      const types = typesOf(chart, options);
      if (types.length === 0) throw new ModelTestUnfit(`nothing does any event of ${chart.id} to the system`);
      return fc.asyncProperty(choicesArbitrary(fc, types, samples.arbitraries), (choices) =>
        withSystem(inputs[0], (run) => walkRandomly(run, choices, steps, samples, filter)),
      );
    },
    coverage,
    coverageText: () => `${coverageLines(coverage(), { verbose: false }).join('\n')}\n`,
    coverageSvg: (theme = 'light') => shadedChart(chart, coverage(), theme),
  };
};

/** fast-check, for `property`; it is an optional package. Rejects with `PackageMissing`. */
export const fastCheck = async (): Promise<FastCheck> => (await loadFastCheck('random walks')).default;

const failureOf = async (
  run: (path: ModelPath) => Promise<void>,
  path: ModelPath,
): Promise<ModelTestFailed | null> => {
  try {
    await run(path);
    return null;
  } catch (error) {
    if (error instanceof ModelTestFailed) return error;
    throw error;
  }
};

/** All types of events that can happen in a test: those that something does to the system, and timers. */
const typesOf = <System>(
  chart: ChartModel,
  { events, advance }: ModelTestOptions<System>,
): readonly string[] => {
  const done = Object.keys(events).filter((type) => runOf(events[type]) !== null);
  const own = transitionsOf(chart).filter(({ kind }) => kind === 'after' || kind === 'event');
  return [...new Set([...done, ...(advance === undefined ? [] : own.map(({ eventType }) => eventType))])];
};

const checkNames = <System>(
  machine: AnyStateMachine,
  chart: ChartModel,
  { events, assertions = {} }: ModelTestOptions<System>,
): void => {
  checkEventTypes(chart, Object.keys(events));
  for (const name of Object.keys(assertions)) {
    if (name === '*' || stateAt(machine, name) !== null) continue;
    throw new ModelTestUnfit(
      `${chart.id} has no state called ${name}, which assertions names: write its keys from the root with dots between, or # and its id`,
    );
  }
};
