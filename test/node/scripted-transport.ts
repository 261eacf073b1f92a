import type { Connection, ConnectionHandlers, Transport } from '../../src/ports/transport.ts';
import type { NodeId } from '../../src/raft/types.ts';

/** A connection whose other side the test plays by calling `handlers`. */
export interface ScriptedConnection extends Connection {
  readonly handlers: ConnectionHandlers;
  readonly sent: Uint8Array[];
  /** Those among them that may overtake. */
  readonly urgent: Uint8Array[];
  isBacklogged: boolean;
  /** The frames that have not left. */
  readonly waiting: Set<Uint8Array>;
  /** How many frames had been sent each time that what waits was dropped. */
  readonly dropsAt: number[];
  readonly isClosed: () => boolean;
  /** Whether its frames leave whole and in order. */
  readonly keepsOrder: () => boolean;
}

/** A transport without a network: it says nothing by itself, and says even what no transport should. */
export class ScriptedTransport implements Transport {
  readonly dialled: (ScriptedConnection & {
    readonly peer: NodeId;
    readonly address: string | null | undefined;
  })[] = [];
  #accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  listen(accept: (connection: Connection) => ConnectionHandlers): void {
    this.#accept = accept;
  }

  dial(peer: NodeId, handlers: ConnectionHandlers, address?: string | null): Connection {
    const connection = { ...scripted(), peer, address, handlers };
    this.dialled.push(connection);
    return connection;
  }

  close(done: () => void): void {
    done();
  }

  /** A connection from outside. */
  connect(): ScriptedConnection {
    const connection = scripted();
    return { ...connection, handlers: this.#accept!(connection) };
  }
}

const scripted = () => {
  const sent: Uint8Array[] = [];
  const urgent: Uint8Array[] = [];
  const dropsAt: number[] = [];
  const waiting = new Set<Uint8Array>();
  let isClosed = false;
  let keepsOrder = false;
  return {
    remote: 'scripted',
    sent,
    urgent,
    isBacklogged: false,
    waiting,
    isWaiting: (frame: Uint8Array) => waiting.has(frame),
    dropsAt,
    dropWaiting: () => void dropsAt.push(sent.length),
    isClosed: () => isClosed,
    keepsOrder: () => keepsOrder,
    keepOrder: () => {
      keepsOrder = true;
    },
    send: (frame: Uint8Array, isUrgent = false) => {
      sent.push(frame);
      if (isUrgent) urgent.push(frame);
      return !isClosed;
    },
    close: () => {
      isClosed = true;
    },
  };
};
