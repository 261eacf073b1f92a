export type { StateMachine } from '../ports/state-machine.ts';
export {
  type CommandKey,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  isCommandKey,
  maxNameChars,
} from '../store/sessions/envelope.ts';
export { defaultSessionLimits, type SessionLimits } from '../store/sessions/limits.ts';
export {
  type ResultCodec,
  type SessionResult,
  SessionStateMachine,
} from '../store/sessions/session-state-machine.ts';
export type { Refusal } from '../store/sessions/session-table.ts';
export type { CommandTrace, ForwardSpan, SubmitTracing } from '../store/sessions/submit-tracing.ts';
export type { SubmitOutcome, Submitter, SubmitterParts } from '../store/sessions/submitter.ts';
export { createSubmitter, type SubmitterOptions } from './create-submitter.ts';
