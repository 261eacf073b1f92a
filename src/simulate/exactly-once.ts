import type { StateMachine } from '../ports/state-machine.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import { type CommandKey, decodeEnvelope } from '../store/sessions/envelope.ts';
import type { SessionLimits } from '../store/sessions/limits.ts';
import {
  type ResultCodec,
  type SessionResult,
  SessionStateMachine,
} from '../store/sessions/session-state-machine.ts';
import type { Violation } from '../trace/violation.ts';
import { violation } from '../verify/properties/property.ts';

/** Puts sessions around a state machine. */
export type UnderSessions = (
  stateMachine: StateMachine<unknown>,
  results: ResultCodec<unknown>,
) => StateMachine<SessionResult<unknown>>;

/** So small that sessions expire in a run of a minute. */
export const simulatedSessionLimits: SessionLimits = {
  ttlMs: 20_000,
  maxSessions: 1000,
  maxAnswersPerSession: 16,
  maxBytes: 1024 * 1024,
};

export const underSessions: UnderSessions = (stateMachine, results) =>
  new SessionStateMachine(stateMachine, results, simulatedSessionLimits);

interface FirstApplied {
  readonly index: LogIndex;
  readonly by: NodeId;
}

/**
 * The property Exactly Once (thesis §6.3): a command of a session reaches the state machine at one place of the log and at no other,
 * on any node, before and after any restart, for as long as the run lasts: whether its session has been forgotten does not matter.
 */
export class ExactlyOnce {
  readonly #report: (found: Violation) => void;
  readonly #results: ResultCodec<unknown>;
  readonly #underSessions: UnderSessions;
  readonly #applied = new Map<string, FirstApplied>();

  constructor(
    results: ResultCodec<unknown>,
    around: UnderSessions = underSessions,
    report: (found: Violation) => void,
  ) {
    this.#results = results;
    this.#underSessions = around;
    this.#report = report;
  }

  /** `stateMachine` under sessions, where each command is noted that gets through to it. */
  around(node: NodeId, stateMachine: StateMachine<unknown>): StateMachine<SessionResult<unknown>> {
    let key: CommandKey | null = null;
    const noted: StateMachine<unknown> = {
      ...snapshotsOf(stateMachine),
      apply: (command, position) => {
        if (key !== null) this.#note(nameOf(key), node, position.index);
        return stateMachine.apply(command, position);
      },
    };
    const sessions = this.#underSessions(noted, this.#results);
    return {
      ...snapshotsOf(sessions),
      apply: (command, position) => {
        key = decodeEnvelope(command)?.key ?? null;
        return sessions.apply(command, position);
      },
    };
  }

  #note(name: string, by: NodeId, index: LogIndex): void {
    const first = this.#applied.get(name);
    if (first === undefined) this.#applied.set(name, { index, by });
    else if (first.index !== index) {
      this.#report(
        violation(
          'Exactly Once',
          `node${first.by} applied ${name} at ${first.index}`,
          `node${by} applies it at ${index}`,
        ),
      );
    }
  }
}

const nameOf = (key: CommandKey): string =>
  key.type === 'session' ? `command ${key.sequence} of session ${key.session}` : `the command ${key.name}`;

/** What a state machine can do besides applying commands. */
export const snapshotsOf = (
  stateMachine: StateMachine<unknown>,
): Pick<StateMachine<unknown>, 'snapshot' | 'restore'> => {
  const { snapshot, restore } = stateMachine;
  if (snapshot === undefined || restore === undefined) return {};
  return {
    snapshot: () => snapshot.call(stateMachine),
    restore: (pieces) => restore.call(stateMachine, pieces),
  };
};
