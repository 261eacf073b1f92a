import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { KvResult } from '../kv/kv-state-machine.ts';
import type { Answer, Answered, Position } from './answer.ts';
import type { ClientRequest } from './carrier.ts';
import type { ClientApi } from './client-api.ts';
import type { KeyedBy } from './command-key.ts';
import type { Consistency } from './consistency.ts';

/** One request, and what its exchange does for it. */
export interface Asking {
  readonly api: ClientApi;
  readonly request: ClientRequest;
  /** For an answer that is a stream: whatever else is given to `answer`. */
  readonly response: ServerResponse;
  /** Answers now; does nothing if it was answered meanwhile. */
  answer(answer: Answered): void;
  /** It waits for an outcome from now on. `expired`: what it is answered if that does not arrive in time. */
  wait(expired: Answer): void;
  /** The client may be silent for as long as it takes; whether it is still there is asked below HTTP. */
  waitPatiently(): void;
  /** Answers with what `read` gives once the state machine may be read. */
  whenReadable(consistency: Consistency, read: () => Answered): Answered;
  /** As `whenReadable`, and once the store's revisions have begun, as the first stamped command makes them. */
  whenBegun(consistency: Consistency, read: () => Answered): Answered;
  /** Answers once the client has read enough of what it asked for before. It may take its time for that. */
  whenRead(answer: () => Answer): null;
  /** Looks what a write is to be known by before its body is read. */
  write(go: (keyed: KeyedBy | null) => Answered): Answered;
  /** Calls `complete` once the whole body is here. An upload that breaks off ends here without a trace. */
  receive(complete: (body: Buffer) => Answered): Answered;
  /** `position` is where the command stands in the log; of one that is repeated, where it stood the first time. `answerTo`: of version 1, if it is not given. */
  submit(
    command: Uint8Array,
    keyed: KeyedBy | null,
    answerTo?: (result: KvResult, position: Position) => Answer,
  ): null;
  /** The answer has begun, and is sent as fast as the client takes it. */
  stream(cut: (reason: string) => void): void;
  /** Counts a stream in the metrics. */
  measured(status: number): void;
}
