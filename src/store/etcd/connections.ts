import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Credentials } from '../../adapters/tls/credentials.ts';
import { type Address, addressText } from '../../ports/address.ts';
import type { Log } from '../../ports/log.ts';
import { listenReasonOf } from '../http/listen-reason.ts';
import { maxHandshakesOf, SecuredConnections } from '../http/secured-connections.ts';
import type { EtcdLimits } from './limits.ts';

/** The etcd API cannot listen. The message is one line for a person. */
export class EtcdListenFailed extends Error {
  override readonly name = 'EtcdListenFailed';
}

export interface ConnectionsParts extends Address {
  readonly limits: EtcdLimits;
  /** Null: no TLS. */
  readonly tls: Credentials | null;
  readonly log: Log;
  /** Takes each connection that is to be served. */
  readonly accept: (socket: Socket) => void;
}

/** The connections of clients, no more than there is room for, with TLS if there is to be any. */
export class EtcdConnections {
  readonly #parts: ConnectionsParts;
  readonly #server: Server;
  readonly #secured: SecuredConnections | null;
  readonly #open = new Set<Socket>();

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    const { tls, limits, log } = parts;
    this.#server = createServer((socket) => this.#opened(socket));
    this.#secured =
      tls === null
        ? null
        : new SecuredConnections({
            credentials: tls,
            maxHandshakes: maxHandshakesOf(limits),
            handshakeMs: limits.handshakeTimeoutMs,
            protocols: ['h2'],
            clock: systemClock,
            log,
            accept: (socket) => this.#accept(socket),
          });
  }

  /** Resolves with the port. Rejects with `EtcdListenFailed`. */
  listen(): Promise<number> {
    const { host, port, log } = this.#parts;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = listenReasonOf(error);
        const address = addressText({ host, port });
        reject(new EtcdListenFailed(`cannot serve clients of etcd on ${address}: ${reason}`));
      });
      this.#server.listen({ port, host, backlog: 4096 }, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', (error) => log.error({ error: error.message }, 'etcd API failed'));
        const address = this.#server.address() as AddressInfo;
        log.info({ address: address.address, port: address.port }, 'etcd API listens');
        resolve(address.port);
      });
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes no further ones. */
  stop(): void {
    this.#server.close();
    this.#secured?.close();
  }

  /** Resolves once there are none, or the time is over. */
  async emptied(withinMs: number): Promise<void> {
    const timer = new AbortController();
    const over = setTimeout(() => timer.abort(), withinMs);
    while (this.#open.size > 0 && !timer.signal.aborted) {
      const [socket] = this.#open;
      await once(socket!, 'close', { signal: timer.signal }).catch(() => {});
    }
    clearTimeout(over);
  }

  /** Ends all that are left. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #opened(socket: Socket): void {
    if (this.#open.size >= this.#parts.limits.maxConnections) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.on('error', () => {});
    socket.setNoDelay(true);
    if (this.#secured === null) this.#accept(socket);
    else this.#secured.open(socket);
  }

  /** Who says nothing at all is not kept. */
  #accept(socket: Socket): void {
    const timer = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy();
    }, this.#parts.limits.handshakeTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.on('error', () => {});
    this.#parts.accept(socket);
  }
}
