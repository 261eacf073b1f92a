import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Answer,
  type Answered,
  bodyTooLarge,
  notLeaderAnswer,
  overloaded,
  requestTimeout,
} from './answer.ts';
import type { BodyListener } from './carrier.ts';
import type { ClientApi } from './client-api.ts';
import { RequestBody } from './request-body.ts';
import type { Upload } from './upload-room.ts';

/** Whose body is received, and from where. */
interface HttpBodyListener extends BodyListener {
  readonly api: Pick<ClientApi, 'node' | 'limits' | 'budget' | 'uploads' | 'clientEndpointOf'>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The client waits for leave to send the body (`Expect: 100-continue`). */
  readonly isAnnounced: boolean;
}

/** Receives the body of one request. */
export class BodyReception {
  readonly #listener: HttpBodyListener;
  readonly #body: RequestBody;
  /** The body is large, and has or waits for room. */
  #upload: Upload | null = null;

  constructor(listener: HttpBodyListener) {
    this.#listener = listener;
    this.#body = new RequestBody(listener.api.limits.maxBodyBytes, listener.api.budget);
  }

  /** A refusal, or null: `complete` is called once the whole body is here. */
  receive(complete: (body: Buffer) => Answered): Answered {
    const { api, request, response, isAnnounced, isAnswered, answer, left } = this.#listener;
    if (isAnnounced) {
      const refused = this.#announcedRefusal;
      // It may send the body all the same: node:http ends the connection, so that nobody reads it as its next request.
      if (refused !== null) return refused;
      response.writeContinue();
    }
    const body = this.#body;
    request.on('data', (chunk: Buffer) => {
      if (!isAnswered()) this.#take(chunk);
    });
    request.on('end', () => {
      if (this.#upload !== null) api.uploads.received(this.#upload);
      if (!isAnswered()) answer(complete(body.bytes));
      body.release();
    });
    request.on('close', () => {
      body.release();
      if (!request.readableEnded) left();
    });
    return null;
  }

  /** The request is answered, or its client has left: its room is there for others. Idempotent. */
  leave(): void {
    if (this.#upload !== null) this.#listener.api.uploads.leave(this.#upload);
  }

  /** How long the body is, as the client says: at most, if it does not. */
  get #announcedBytes(): number {
    const { api, request } = this.#listener;
    return Number(request.headers['content-length'] ?? api.limits.maxBodyBytes);
  }

  get #announcedRefusal(): Answer | null {
    const { limits, uploads } = this.#listener.api;
    if (this.#announcedBytes > limits.maxBodyBytes) return bodyTooLarge(limits.maxBodyBytes);
    return uploads.isFull ? overloaded : null;
  }

  #take(chunk: Buffer): void {
    const { limits } = this.#listener.api;
    const failure = this.#body.add(chunk);
    if (failure === 'overloaded') this.#refuse(overloaded);
    else if (failure === 'bodyTooLarge') this.#refuse(bodyTooLarge(limits.maxBodyBytes));
    else if (this.#upload === null && this.#body.length > limits.smallBodyBytes) {
      const bytes = Math.min(this.#announcedBytes, limits.maxBodyBytes);
      if (this.#listener.request.headers['content-length'] !== undefined) this.#body.expect(bytes);
      this.#askForRoom(bytes);
    }
  }

  /**
   * A large body is not read until there is room for all of it, so its client has to wait. If the command seems bound to fail, it is refused at once. That is
   * a guess, which costs a client one more request if wrong: for each command that is read, the chart decides.
   */
  #askForRoom(bytes: number): void {
    const { api, request } = this.#listener;
    const { role, leader } = api.node.position();
    if (role !== 'leader') {
      this.#refuse(notLeaderAnswer(leader, api.clientEndpointOf));
      return;
    }
    request.pause();
    this.#upload = {
      bytes,
      admitted: () => request.resume(),
      refused: () => this.#refuse(overloaded),
      tooSlow: () => this.#refuse(requestTimeout),
    };
    api.uploads.ask(this.#upload);
  }

  #refuse(refusal: Answer): void {
    const { api, request, answer } = this.#listener;
    this.#body.release();
    answer(refusal);
    // What follows is read and dropped: closing now could cost the client the answer. But a client that sends it all the same has to wait for its next try.
    request.pause();
    api.uploads.drop(() => request.resume());
  }
}
