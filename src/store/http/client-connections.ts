import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assert } from '../../raft/assert.ts';
import { ByteBudget } from './byte-budget.ts';
import { ClientConnection, type Pipelined } from './client-connection.ts';
import type { HttpLimits } from './limits.ts';

/** The connections of a server, and how much all of them may ask for. One connection too many costs the client that needs its own least. */
export class ClientConnections {
  readonly #limits: HttpLimits;
  readonly #answerBudget: ByteBudget;
  readonly #all = new Map<Duplex, ClientConnection>();
  /** Those that have never brought a request, the oldest first. */
  readonly #silent = new Set<Socket>();
  /** Those that wait for nothing, the one that has been idle longest first. */
  readonly #idle = new Set<Socket>();
  #requests = 0;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#answerBudget = new ByteBudget(limits.maxAnswerBytes);
  }

  /** More requests are under way than should be: those that cost something are to be refused. */
  get isOverloaded(): boolean {
    return this.#requests > this.#limits.maxRequests;
  }

  /** A client has connected. */
  open(socket: Socket): void {
    if (this.#all.size >= this.#limits.maxConnections) {
      const [leastNeeded = socket] = this.#silent.size > 0 ? this.#silent : this.#idle;
      this.#close(leastNeeded);
      leastNeeded.destroy();
      if (leastNeeded === socket) return;
    }
    this.#all.set(socket, new ClientConnection(socket, this.#limits, this.#answerBudget));
    this.#silent.add(socket);
    socket.on('close', () => this.#close(socket));
  }

  of(socket: Duplex): ClientConnection | undefined {
    return this.#all.get(socket);
  }

  /** A request has arrived. When there are too many, clients that send more than one connection may have under way are closed. */
  admit(request: Pipelined, connection: ClientConnection): void {
    const { socket } = connection;
    if (!this.#all.has(socket)) return;
    this.#silent.delete(socket);
    this.#idle.delete(socket);
    if (connection.isFull && this.isOverloaded) {
      socket.destroy();
      return;
    }
    this.#requests++;
    connection.add(request);
  }

  /** A request has been answered. */
  answered(request: Pipelined, connection: ClientConnection): void {
    if (!connection.remove(request)) return;
    this.#requests--;
    assert(this.#requests >= 0, 'no request is answered twice', this.#requests, 0);
    if (connection.size === 0) this.#idle.add(connection.socket);
  }

  #close(socket: Socket): void {
    this.#requests -= this.#all.get(socket)?.close() ?? 0;
    this.#all.delete(socket);
    this.#silent.delete(socket);
    this.#idle.delete(socket);
  }
}
