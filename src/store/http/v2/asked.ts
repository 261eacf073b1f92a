import type { IncomingHttpHeaders } from 'node:http';
import type { KvStateMachine } from '../../kv/kv-state-machine.ts';
import type { KvRequest, KvRequestResult } from '../../kv/requests.ts';
import type { Answer, Position } from '../answer.ts';
import type { Asking } from '../asking.ts';
import type { KeyedBy } from '../command-key.ts';

/** One request of version 2, and what its exchange does for it. */
export interface Asked extends Pick<Asking, 'whenBegun' | 'whenRead' | 'write' | 'receive'> {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly kv: KvStateMachine;
  readonly maxKeyBytes: number;
  /** Why revisions must not begin yet; null: they may. */
  readonly oldMembers: string | null;
  /** How far the state machine has got. */
  readonly position: Position;
  /** `position` is where the request stands in the log; of one that is repeated, where it stood the first time. */
  submit(
    request: KvRequest,
    keyed: KeyedBy | null,
    answer: (result: KvRequestResult, position: Position) => Answer,
  ): null;
}
