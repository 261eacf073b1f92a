import { Buffer } from 'node:buffer';
import { isMalformed } from '../../../adapters/codec/malformed.ts';
import { FrameReader } from '../../../adapters/transport/frame-reader.ts';
import { PassingSet } from '../../../ports/passing-set.ts';
import { FrameBatch } from '../../frames/frame-batch.ts';
import {
  decodeRequest,
  encodeAnswer,
  framesProtocol,
  maxRequestFrameBytes,
  noRequestId,
} from '../../frames/frame-codec.ts';
import { refusal } from '../answer.ts';
import type { ClientRequest } from '../carrier.ts';
import type { ClientApi } from '../client-api.ts';
import type { ClientConnection } from '../client-connection.ts';
import { Exchange } from '../exchange.ts';
import { FrameCarrier } from './frame-carrier.ts';

/** How long a client may take to close its side after the last answer. */
const lingerMs = 1000;

/** A connection that has left HTTP for frames. docs/http-api-v2.md, Frames */
export class FramedClient {
  readonly #api: ClientApi;
  readonly #connection: ClientConnection;
  readonly #carried: ClientRequest;
  readonly #reader = new FrameReader(maxRequestFrameBytes);
  /** Bytes of an incomplete frame, as counted in the budget. */
  #heldBytes = 0;
  readonly #underWay = new PassingSet<FrameCarrier>();
  readonly #leaving: FrameBatch;
  #isEnding = false;
  /** Ends the wait for the client to close its side. */
  #lingering: NodeJS.Timeout | null = null;

  /** `head`: what arrived right behind `request`, which asks for frames. */
  constructor(api: ClientApi, connection: ClientConnection, request: ClientRequest, head: Uint8Array) {
    this.#api = api;
    this.#connection = connection;
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    this.#carried = { headers: { host, origin, 'sec-fetch-site': site }, socket: request.socket };
    const { socket } = connection;
    this.#leaving = new FrameBatch(socket, process.nextTick);
    connection.frame();
    socket.setTimeout(api.limits.idleTimeoutMs);
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => this.#close());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${framesProtocol}\r\nX-Raft-Node: ${api.node.id}\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.end());
    if (head.length > 0) this.#take(head);
  }

  /** Ends once what is under way is answered. Idempotent. */
  end(): void {
    this.#isEnding = true;
    this.#endIfIdle();
  }

  destroy(): void {
    this.#isEnding = true;
    this.#connection.socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isEnding) return;
    const { budget } = this.#api;
    // A frame that becomes complete counts as a request from then on.
    budget.give(this.#heldBytes);
    this.#heldBytes = 0;
    const fault = this.#reader.push(chunk, (frame) => this.#ask(frame));
    const { heldBytes } = this.#reader;
    if (fault !== null) this.#refuse(fault);
    else if (budget.take(heldBytes)) this.#heldBytes = heldBytes;
    else this.destroy();
  }

  #ask(frame: Uint8Array): void {
    if (this.#isEnding) return;
    const request = decodeRequest(frame);
    if (isMalformed(request)) {
      this.#refuse(request.malformed);
      return;
    }
    const { budget } = this.#api;
    // Held until its answer has been sent.
    if (!budget.take(frame.length)) {
      this.destroy();
      return;
    }
    const carrier = new FrameCarrier(request, this.#carried, (answer, sent) =>
      this.#leaving.add(answer, sent),
    );
    this.#underWay.add(carrier);
    const exchange = new Exchange(this.#api, this.#connection, carrier);
    carrier.onClosed(() => {
      budget.give(frame.length);
      this.#underWay.delete(carrier);
      this.#endIfIdle();
    });
    this.#api.connections.admit(exchange, this.#connection);
  }

  /** Nothing that follows can be read. What was asked before is still answered. */
  #refuse(fault: string): void {
    if (this.#isEnding) return;
    const { body } = refusal(400, 'bad_frame', `${fault}; docs/http-api-v2.md, Frames`);
    const bytes = Buffer.from(body);
    this.#leaving.add(encodeAnswer({ id: noRequestId, status: 400, headers: [], body: bytes }), () =>
      this.#endIfIdle(),
    );
    this.end();
  }

  #endIfIdle(): void {
    const { socket } = this.#connection;
    const isIdle = this.#underWay.size === 0 && this.#leaving.isEmpty;
    if (!this.#isEnding || !isIdle || socket.destroyed || this.#lingering !== null) return;
    socket.end();
    // What still arrives is read and dropped: closing at once could cost the client the last answers.
    this.#lingering = setTimeout(() => socket.destroy(), lingerMs);
  }

  #close(): void {
    this.#isEnding = true;
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#api.budget.give(this.#heldBytes);
    this.#heldBytes = 0;
    for (const carrier of this.#underWay) carrier.close();
    this.#underWay.clear();
  }
}
