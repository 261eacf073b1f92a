import '../adapters/system/require-node.ts';

export type { Random } from '../ports/random.ts';
export type { Settings } from '../raft/context.ts';
export type { Stream } from '../simulate/dice.ts';
export {
  defaultPlan,
  defaultProfile,
  generatePlan,
  noFaults,
  type Profile,
} from '../simulate/generate-plan.ts';
export { kvService } from '../simulate/kv-service.ts';
export type { Replacements } from '../simulate/node-parts.ts';
export { checkedPlan, parsePlan, UnusablePlan } from '../simulate/parse-plan.ts';
export {
  type ClientPlan,
  calmPlan,
  type MessageFault,
  type NetworkPlan,
  type Plan,
  type ScriptedOperation,
} from '../simulate/plan.ts';
export {
  type RunOptions,
  runSimulation,
  type SimulationFigures,
  type SimulationResult,
} from '../simulate/run-simulation.ts';
export { runStory, type StoryOptions } from '../simulate/scenario/run-story.ts';
export { Stage, type StageParts, type Staging } from '../simulate/scenario/stage.ts';
export type { Selection } from '../simulate/scenario/stepwise-cluster.ts';
export { type Story, steady } from '../simulate/scenario/story.ts';
export {
  type Asked,
  cas,
  get,
  type Operation,
  put,
  type Request,
  remove,
  valueIn,
} from '../simulate/scenario/story-client.ts';
export { StoryFailed } from '../simulate/scenario/story-failed.ts';
export { StoryUnusable } from '../simulate/scenario/story-unusable.ts';
export { type TextStory, textStory } from '../simulate/scenario/text/text-story.ts';
export type { ClientOperation, Recorded, Service, ServiceClient } from '../simulate/service.ts';
export { type Failure, type ShrinkOptions, shrink } from '../simulate/shrink.ts';
export { Simulation, type SimulationOptions } from '../simulate/simulation.ts';
export type { TimedEvent } from '../trace/events.ts';
export type { Fault, FaultKind } from '../trace/fault.ts';
export type { Violation } from '../trace/violation.ts';
