import type { RaftNode } from '../../node/node.ts';
import type { NodeId } from '../../raft/types.ts';
import type { KvResult, KvStateMachine } from '../kv/kv-state-machine.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';
import type { Access } from './access/access.ts';
import type { Backups } from './backup.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ClientConnections } from './client-connections.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpLoad, HttpMetrics } from './metrics-answer.ts';
import type { OpenExchanges } from './open-exchanges.ts';
import type { HttpTracing } from './request-span.ts';
import type { UploadRoom } from './upload-room.ts';
import type { WatchStreams } from './v2/watch-streams.ts';

/** What all exchanges of one server share. */
export interface ClientApi {
  readonly node: RaftNode<SessionResult<KvResult>>;
  /** Reads the state machine of `node` where it stands. */
  readonly readValue: (key: string) => Uint8Array | null;
  /** That state machine, for version 2 of the API. */
  readonly kv: KvStateMachine;
  readonly watchStreams: WatchStreams;
  /** The description of version 2 in OpenAPI, as JSON; null: there is none. */
  readonly openApi: () => Uint8Array | null;
  readonly leaseReads: boolean;
  /** Null: this API gives none. */
  readonly backups: Backups | null;
  readonly metrics: HttpMetrics | null;
  readonly tracing: HttpTracing | null;
  readonly load: () => HttpLoad;
  readonly limits: HttpLimits;
  readonly budget: ByteBudget;
  readonly uploads: UploadRoom;
  readonly connections: ClientConnections;
  readonly access: Access;
  readonly open: OpenExchanges;
  readonly clientEndpointOf: (id: NodeId) => string | null;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** The server takes no new work: connections end with the answer that they wait for. */
  readonly isClosing: boolean;
  isNodeStopped: boolean;
}
