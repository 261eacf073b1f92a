import '../adapters/system/require-node.ts';

export { toSvg } from '../statechart/draw/svg.ts';
export type {
  SimulationEvent,
  StateSummary,
  TakenTransition,
  TimedEvent,
  TracedInput,
} from '../trace/events.ts';
export type { Fault, FaultKind } from '../trace/fault.ts';
export { Narrator } from '../trace/narrator.ts';
export { parseTrace, parseTraceLine, StateFiller, UnreadableTrace } from '../trace/parse-trace.ts';
export type {
  SequenceCut,
  SequenceEvent,
  SequenceLine,
  SequenceLogs,
  SequenceMark,
  SequenceMessage,
} from '../trace/sequence.ts';
export { filterSequence, type SequenceFilter } from '../trace/sequence-filter.ts';
export { sequenceToMermaid } from '../trace/sequence-mermaid.ts';
export { type SceneOptions, sequenceScene } from '../trace/sequence-scene.ts';
export { sequenceToText } from '../trace/sequence-text.ts';
export type { ShownLog, Told } from '../trace/told.ts';
export { briefTraceLine, traceLine } from '../trace/trace-line.ts';
export { sequenceOfTrace } from '../trace/trace-sequence.ts';
export { Transcript } from '../trace/transcript.ts';
export type { Violation } from '../trace/violation.ts';
export { type NodeTracer, type TracedParts, traceNode } from '../verify/node-tracer.ts';
export type { NearRule, Rejection } from '../verify/validate/rejection.ts';
export type { ValidationFigures, ValidationOptions } from '../verify/validate/trace-validator.ts';
export {
  type Placed,
  type PlacedRejection,
  type TraceSource,
  type Verdict,
  validateTraces,
} from '../verify/validate/validate-traces.ts';
