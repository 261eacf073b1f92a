import type { Rule } from './finding.ts';
import { initialMissing, missingTarget } from './load-fault.ts';
import {
  duplicateInvokeId,
  invokeWithoutOnError,
  neverDone,
  unknownActor,
  unknownSendId,
} from './rules/actors.ts';
import { nonSerializableContext } from './rules/context.ts';
import { duplicateId, finalWithTransitions } from './rules/final.ts';
import { badWildcard, transitionNeverFires, wildcardHides } from './rules/firing.ts';
import { constantGuard, guardHole, overlappingGuards } from './rules/guards.ts';
import { alwaysLoop } from './rules/loops.ts';
import { unboundName, unusedBinding } from './rules/names.ts';
import { raiseLoop, regionsRaiseInCircles, unhandledEvent } from './rules/raises.ts';
import { deadEnd, unreachableState } from './rules/reachability.ts';
import { reenterTrap, timerNotRestarted } from './rules/reenter.ts';
import { delayTooLong, lateTimer, unnamedDelay } from './rules/timers.ts';

/** All rules, in the order of docs/lint.md. */
export const rules: readonly Rule[] = [
  unreachableState,
  transitionNeverFires,
  missingTarget,
  initialMissing,
  duplicateId,
  deadEnd,
  finalWithTransitions,
  overlappingGuards,
  guardHole,
  constantGuard,
  alwaysLoop,
  regionsRaiseInCircles,
  raiseLoop,
  unhandledEvent,
  badWildcard,
  wildcardHides,
  unnamedDelay,
  delayTooLong,
  lateTimer,
  reenterTrap,
  timerNotRestarted,
  invokeWithoutOnError,
  neverDone,
  duplicateInvokeId,
  unknownActor,
  unknownSendId,
  unboundName,
  unusedBinding,
  nonSerializableContext,
];
