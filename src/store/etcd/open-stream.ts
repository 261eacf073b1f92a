import { once } from 'node:events';
import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';

type Written<Response> = Pick<ServerWritableStream<unknown, Response>, 'write' | 'cancelled' | 'destroyed'> &
  NodeJS.EventEmitter;

/** A stream of answers that is written no faster than its client reads. */
export class OpenStream<Response> {
  readonly #call: Written<Response>;
  readonly #closing = new AbortController();

  constructor(call: ServerDuplexStream<never, Response> | ServerWritableStream<never, Response>) {
    this.#call = call;
    const close = (): void => this.#closing.abort();
    call.once('cancelled', close);
    call.once('close', close);
    call.once('error', close);
  }

  /** Aborted once nobody reads it any more. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Resolves once there is room for more, or the stream is closed. */
  async write(response: Response): Promise<void> {
    if (this.closed.aborted || this.#call.write(response)) return;
    await once(this.#call, 'drain', { signal: this.closed }).catch(() => {});
  }

  /** Nothing more is written. */
  close(): void {
    this.#closing.abort();
  }
}
