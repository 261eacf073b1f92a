import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../ports/clock.ts';
import { PassingSet } from '../../ports/passing-set.ts';
import { assert } from '../../raft/assert.ts';
import { ByteBudget } from './byte-budget.ts';
import { ClientConnection, type Pipelined } from './client-connection.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpLoad } from './metrics-answer.ts';
import type { PacedSocket } from './paced-socket.ts';
import { ReadingTurns } from './reading-turns.ts';

/** The connections of a server, and how much all of them may ask for. One connection too many costs the client that needs its own least. */
export class ClientConnections {
  readonly #limits: HttpLimits;
  readonly #clock: Clock;
  readonly #answerBudget: ByteBudget;
  readonly #turns: ReadingTurns;
  readonly #all = new Map<Duplex, ClientConnection>();
  /** Those that have never brought a request, the oldest first. */
  readonly #silent = new Set<PacedSocket>();
  /** Those that wait for nothing, the one that has been idle longest first. */
  readonly #idle = new PassingSet<PacedSocket>();
  #requests = 0;

  constructor(limits: HttpLimits, clock: Clock) {
    this.#clock = clock;
    this.#limits = limits;
    this.#answerBudget = new ByteBudget(limits.maxAnswerBytes);
    this.#turns = new ReadingTurns(limits.maxTurnMs);
  }

  /** More requests are under way than should be: those that cost something are to be refused. */
  get isOverloaded(): boolean {
    return this.#requests > this.#limits.maxRequests;
  }

  get load(): HttpLoad {
    return { connections: this.#all.size, waiting: this.#requests };
  }

  /** A client has connected. Returns the connection to serve, or null if there is no room for it. */
  open(raw: Socket): PacedSocket | null {
    if (this.#all.size >= this.#limits.maxConnections) {
      const [leastNeeded] = this.#silent.size > 0 ? this.#silent : this.#idle;
      if (leastNeeded === undefined) {
        raw.destroy();
        return null;
      }
      this.#close(leastNeeded);
      leastNeeded.destroy();
    }
    const connection = new ClientConnection(raw, {
      limits: this.#limits,
      answerBudget: this.#answerBudget,
      turns: this.#turns,
      clock: this.#clock,
    });
    const { socket } = connection;
    this.#all.set(socket, connection);
    this.#silent.add(socket);
    socket.on('close', () => this.#close(socket));
    return socket;
  }

  of(socket: Duplex): ClientConnection | undefined {
    return this.#all.get(socket);
  }

  /** A request has arrived. */
  admit(request: Pipelined, connection: ClientConnection): void {
    const { socket } = connection;
    if (!this.#all.has(socket)) return;
    this.#silent.delete(socket);
    this.#idle.delete(socket);
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

  #close(socket: PacedSocket): void {
    this.#requests -= this.#all.get(socket)?.close() ?? 0;
    this.#turns.leave(socket);
    this.#all.delete(socket);
    this.#silent.delete(socket);
    this.#idle.delete(socket);
  }
}
