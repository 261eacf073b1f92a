import type { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { KvStateMachine } from '../../kv/kv-state-machine.ts';
import type { KvRequest, KvRequestResult } from '../../kv/requests.ts';
import type { Answer, Position } from '../answer.ts';
import type { KeyedBy } from '../command-key.ts';
import type { Consistency } from '../consistency.ts';

/** A refusal, or null: the answer is still to come. */
export type Answered = Answer | null;

/** One request of version 2, and what its exchange does for it. */
export interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly kv: KvStateMachine;
  readonly maxKeyBytes: number;
  /** Why revisions must not begin yet; null: they may. */
  readonly oldMembers: string | null;
  /** How far the state machine has got. */
  readonly position: Position;
  /** Answers with what `read` gives once the state machine may be read, and its revisions have begun. */
  whenReadable(consistency: Consistency, read: () => Answered): Answered;
  /** Answers once the client has read enough of what it asked for before. */
  whenRead(answer: () => Answer): null;
  /** Looks what a write is to be known by before its body is read. */
  write(go: (keyed: KeyedBy | null) => Answered): Answered;
  /** Calls `complete` once the whole body is here. */
  receive(complete: (body: Buffer) => Answered): Answered;
  /** `position` is where the request stands in the log; of one that is repeated, where it stood the first time. */
  submit(
    request: KvRequest,
    keyed: KeyedBy | null,
    answer: (result: KvRequestResult, position: Position) => Answer,
  ): null;
}
