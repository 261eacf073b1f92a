export { PackageMissing } from '../statechart/missing-package.ts';
export {
  createModelTest,
  fastCheck,
  type ModelTest,
  type PathResult,
} from '../statechart/model-test/create-model-test.ts';
export { ModelTestFailed } from '../statechart/model-test/model-test-failure.ts';
export {
  type Assertion,
  type ModelTestOptions,
  ModelTestUnfit,
  type RunEvent,
  type TestedEvent,
} from '../statechart/model-test/model-test-options.ts';
export type { Choice } from '../statechart/model-test/random-walk.ts';
export { type RunningMachine, runningMachine } from '../statechart/model-test/running-machine.ts';
export type { VirtualClock } from '../statechart/model-test/virtual-clock.ts';
export { NoStart } from '../statechart/paths/explore-machine.ts';
export {
  type MachinePaths,
  type MachinePathsOptions,
  machinePaths,
} from '../statechart/paths/machine-paths.ts';
export { ChartTooLarge } from '../statechart/paths/machine-universe.ts';
export type { CoverGoal, ModelPath, ModelStep } from '../statechart/paths/model-path.ts';
export type { NotReached } from '../statechart/paths/not-reached.ts';
export type { Payload } from '../statechart/paths/payload.ts';
export {
  type EventMap,
  type EventSamples,
  type Samples,
  SamplesUnfit,
} from '../statechart/paths/samples.ts';
