import type { HistoryEvent } from '../check/history.ts';
import type { ModelName } from '../check/models/built-in.ts';
import type { Value } from '../check/operation.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { NodeId } from '../raft/types.ts';
import type { ResultCodec } from '../store/sessions/session-state-machine.ts';
import type { Stream } from './dice.ts';

/** What a simulated cluster replicates, and what its clients do with it. Deterministic: its only chance is the `Stream` it is given. */
export interface Service<Result> {
  /** An empty state machine for a node that starts: the whole log is applied to it. */
  stateMachine(node: NodeId): StateMachine<Result>;
  /** One of the clients that work while the faults happen; `keys` is the plan's. */
  client(session: number, keys: number): ServiceClient<Result>;
  /** What `key` holds in a state machine of this service, for reads without an entry in the log; without it, no value is compared. */
  read?(stateMachine: StateMachine<Result>, key: string): Value;
  /** By which what operations `recorded` is checked in the end. */
  readonly model?: ModelName;
  /** What must be acknowledged once all faults have ended. */
  probe(): ClientOperation<Result>;
  /**
   * Results as bytes. With them the state machine is put under sessions (docs/sessions.md), and clients send a command again until
   * they know what became of it, which must then take effect once. Without them clients give up on a command that they lose track of.
   */
  readonly results?: ResultCodec<Result>;
}

export interface ServiceClient<Result> {
  /** Its `nth` operation, from 1 on, drawn from `stream`. */
  next(nth: number, stream: Stream): ClientOperation<Result>;
}

/** The fields of an event of a history, other than its process and type; docs/histories.md. */
export type Recorded = Readonly<Record<string, unknown>>;

export interface ClientOperation<Result> {
  readonly command: Uint8Array;
  /** The command as the first node makes it that is asked, at its own time of day; without, `command` as it is. */
  readonly stamped?: (stampMs: number) => Uint8Array;
  /** The operation, in a history of its own that is checked by the service's `model`. */
  readonly recorded?: Recorded;
  /**
   * The operation as docs/histories.md has it: the history of all clients must be linearizable. Null: it is left out of the
   * history, and what clients saw is for the service itself to judge.
   */
  readonly call: Pick<HistoryEvent, 'f' | 'key' | 'value' | 'from' | 'to'> | null;
  /** It was applied, with `result`: how it ended, and the value that it read, or whether there was one to delete. */
  completed(result: Result): {
    readonly type: 'ok' | 'fail';
    readonly value?: Value;
    readonly existed?: boolean;
    /** Of one that is `recorded`: what its client was told. */
    readonly told?: Recorded;
  };
}
