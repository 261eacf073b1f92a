import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Answered } from './answer.ts';
import { BodyReception } from './body-reception.ts';
import type { BodyListener, Carrier } from './carrier.ts';
import type { ClientApi } from './client-api.ts';
import { sendAnswer } from './send-answer.ts';

/** A request by HTTP. */
export class HttpCarrier implements Carrier {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #api: ClientApi;
  /** The client waits to be told to send the body (`Expect: 100-continue`). */
  readonly #isAnnounced: boolean;
  #reception: BodyReception | null = null;

  constructor(api: ClientApi, request: IncomingMessage, response: ServerResponse, isAnnounced: boolean) {
    this.#api = api;
    this.request = request;
    this.#response = response;
    this.#isAnnounced = isAnnounced;
  }

  get isReceived(): boolean {
    return this.request.complete;
  }

  get http(): { readonly request: IncomingMessage; readonly response: ServerResponse } {
    return { request: this.request, response: this.#response };
  }

  receive(listener: BodyListener, complete: (body: Buffer) => Answered): Answered {
    this.#reception = new BodyReception({
      api: this.#api,
      request: this.request,
      response: this.#response,
      isAnnounced: this.#isAnnounced,
      ...listener,
    });
    return this.#reception.receive(complete);
  }

  send(answer: Answer): void {
    sendAnswer(this.#response, answer, this.#api.node.id, this.#api.isClosing);
  }

  leave(): void {
    this.#reception?.leave();
  }

  onClosed(listener: () => void): void {
    this.#response.on('close', listener);
  }
}
