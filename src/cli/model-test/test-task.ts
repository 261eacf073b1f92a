import type { AnyStateMachine } from 'xstate';
import { isWhole } from '../../statechart/coverage/assessment.ts';
import { createModelTest, fastCheck } from '../../statechart/model-test/create-model-test.ts';
import { ModelTestFailed } from '../../statechart/model-test/model-test-failure.ts';
import type { ModelTestOptions } from '../../statechart/model-test/model-test-options.ts';
import { runningMachine } from '../../statechart/model-test/running-machine.ts';
import type { CoverGoal } from '../../statechart/paths/model-path.ts';
import { extentOf } from '../../statechart/paths/paths-text.ts';
import type { EventMap } from '../../statechart/paths/samples.ts';
import type { TaskTools } from '../machine/machine-task.ts';
import { asUsage, loadModelModule, type NamedModule } from './model-module.ts';
import { notReachedPart } from './not-reached.ts';
import { noPath } from './paths-task.ts';

export interface TestRequest {
  /** How the system is driven; null: the machine itself runs. */
  readonly model: NamedModule | null;
  readonly events: NamedModule | null;
  readonly cover: CoverGoal;
  /** Random walks; 0 for none. */
  readonly runs: number;
  readonly seed: number;
  /** Where fast-check takes up a walk that failed. */
  readonly path: string | null;
}

/** A test and what became of it. */
export interface TestCase {
  readonly name: string;
  readonly seconds: number;
  /** Null: it passed. */
  readonly failure: string | null;
}

export interface TestAnswer {
  readonly cases: readonly TestCase[];
  readonly extent: string;
  /** As a table, with what no path reaches and why. */
  readonly coverage: string;
  /** Whether every transition, and every answer of a guard, that can be walked was walked. */
  readonly isWhole: boolean;
  /** Whether some answer of a guard was never seen. */
  readonly lacksAnswers: boolean;
}

/** Task `test`: walks generated paths, then random ones, on a system. */
export const testTask = (
  machine: AnyStateMachine,
  request: TestRequest,
  { report }: TaskTools,
): Promise<TestAnswer> =>
  asUsage(async () => {
    const { cover, runs, path } = request;
    const options = await optionsOf(machine, request);
    const test = createModelTest(machine, options);
    const cases: TestCase[] = [];
    const found = path === null ? await test.search({ cover }) : null;
    for (const each of found?.paths ?? []) {
      report(cases.length);
      cases.push(await caseOf(`${each.title} [${each.id}]`, () => test.run(each)));
    }
    if (runs > 0 || path !== null) cases.push(await randomCase(test, request, report));
    if (cases.length === 0) throw noPath(machine.id, found!);
    const assessment = test.coverage();
    return {
      cases,
      extent: found === null ? 'random walks only' : extentOf(found),
      coverage: `${test.coverageText()}${found === null ? '' : notReachedPart(found)}`,
      isWhole: isWhole(assessment),
      lacksAnswers: assessment.unwalked.guards.length > 0,
    };
  });

const optionsOf = async (
  machine: AnyStateMachine,
  { model, events }: TestRequest,
): Promise<ModelTestOptions<unknown>> => {
  if (model !== null) return loadModelModule(model);
  if (events === null) return runningMachine(machine) as ModelTestOptions<unknown>;
  const { events: given, inputs } = await loadModelModule(events);
  return runningMachine(machine, {
    events: given as EventMap,
    ...(inputs === undefined ? {} : { inputs }),
  }) as ModelTestOptions<unknown>;
};

const caseOf = async (name: string, run: () => Promise<void>): Promise<TestCase> => {
  const begun = performance.now();
  const failure = await run().then(
    () => null,
    (error: unknown) => {
      if (error instanceof ModelTestFailed) return error.message;
      throw error;
    },
  );
  return { name, seconds: (performance.now() - begun) / 1000, failure };
};

const randomCase = async (
  test: ReturnType<typeof createModelTest>,
  { runs, seed, path }: TestRequest,
  report: (progress: unknown) => void,
): Promise<TestCase> => {
  const fc = await fastCheck();
  const begun = performance.now();
  const property = await test.property(fc);
  property.beforeEach((hook) => {
    report(null);
    return hook();
  });
  const details = await fc.check(property, { numRuns: runs || 1, seed, ...(path === null ? {} : { path }) });
  const { failed, errorInstance, counterexamplePath } = details;
  if (failed && !(errorInstance instanceof ModelTestFailed)) throw errorInstance;
  return {
    name: `random walks: ${details.numRuns} with seed ${seed}`,
    seconds: (performance.now() - begun) / 1000,
    failure: failed
      ? `${(errorInstance as Error).message}\nWalk it again with --seed ${seed} --path ${counterexamplePath}`
      : null,
  };
};
