import type { NodeId } from '../raft/types.ts';

/**
 * One lossy-at-the-end byte-frame connection. Frames arrive whole and in order, except that urgent ones may overtake others; when the connection
 * breaks, a suffix of what was sent is lost.
 */
export interface Connection {
  /** For people and logs, such as `127.0.0.1:7002`. */
  readonly remote: string;
  /** Which node the other side has proved to be, by its certificate; absent: this transport asks for no proof. */
  readonly provenId?: NodeId;
  /** Hands over one frame. False: it was dropped, because the connection is closed or too much is waiting to be sent. If the transport can do it, an urgent frame overtakes the others. */
  send(frame: Uint8Array, isUrgent?: boolean): boolean;
  /** Whether frames that are not urgent are waiting, so that the next one will be late. Absent: this transport cannot tell. */
  readonly isBacklogged?: boolean;
  /** Whether a part of this frame, which is not urgent and was handed over before, is waiting to leave. Absent: this transport cannot tell. */
  isWaiting?(frame: Uint8Array): boolean;
  /** For a peer without lanes: from now on each frame leaves whole and in order. Absent: they always do. */
  keepOrder?(): void;
  /** Drops the waiting frames of which nothing has left. */
  dropWaiting?(): void;
  /**
   * Idempotent. What was handed over before is still sent if possible; what arrives from now on is dropped.
   * `closed` is called once afterwards.
   */
  close(): void;
}

/** Called by the transport, never inside `dial`, `listen` or `send`; never again after `closed`. Must not throw. */
export interface ConnectionHandlers {
  /** The connection can carry frames. Called at most once, before any `frame`. */
  opened(): void;
  /** `frame` belongs to the receiver from now on. */
  frame(frame: Uint8Array): void;
  /** Called exactly once. `reason` is one line for a log. */
  closed(reason: string): void;
}

/** Connections between the nodes of one cluster. Each node dials each peer and also accepts its peers' connections. */
export interface Transport {
  /** How many incoming connections there can be at once; absent: as many as come. */
  readonly maxIncoming?: number;
  /** Starts accepting; `accept` returns the handlers of each incoming connection, which is open already (`opened` follows). */
  listen(accept: (connection: Connection) => ConnectionHandlers): void;
  /** Dials `peer` at `address`, such as `127.0.0.1:7002`, or where the transport itself knows it to be; the outcome is `opened` or `closed`. */
  dial(peer: NodeId, handlers: ConnectionHandlers, address?: string | null): Connection;
  /** Closes every connection and stops accepting. `done` is called once. */
  close(done: () => void): void;
}
