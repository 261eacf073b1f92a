import type { NodeId } from '../../raft/types.ts';

/** Follows commands from submitter to submitter. A context is W3C Trace Context: trace id (16 bytes), id of the sending span (8), flags (1). Must not throw. */
export interface SubmitTracing {
  /** A command is submitted right now: to which trace it belongs. */
  submitted(): CommandTrace;
  /** Runs `work`, which proposes what another node's submitter has sent in the trace of `context`. Null: in none, and none begins here. */
  continuing(context: Uint8Array | null, work: () => void): void;
}

/** The trace of one command, if it has one. */
export interface CommandTrace {
  /** Runs `work`; what it proposes belongs to the trace. */
  within(work: () => void): void;
  /** The command is sent to node `to`. Null: it is not traced. */
  forwarding(to: NodeId): ForwardSpan | null;
}

/** One request to another node. */
export interface ForwardSpan {
  /** For the other node. */
  readonly context: Uint8Array;
  /** `outcome`: what it was answered; null: nothing that anyone still waited for. */
  ended(outcome: string | null): void;
}

export const untraced: SubmitTracing = {
  submitted: () => untracedCommand,
  continuing: (_, work) => work(),
};

const untracedCommand: CommandTrace = { within: (work) => work(), forwarding: () => null };
