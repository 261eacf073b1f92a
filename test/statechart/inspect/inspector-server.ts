import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A message of the inspector's protocol, as far as tests read it. */
export interface InspectorMessage {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot';
  readonly _version: string;
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly name?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string; readonly value?: unknown; readonly context?: unknown };
}

/** A local inspector that keeps what it receives. */
export class InspectorServer {
  readonly url: string;
  readonly messages: InspectorMessage[] = [];
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => {
      socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as InspectorMessage));
    });
  }

  static async open(port = 0): Promise<InspectorServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port });
    await once(server, 'listening');
    return new InspectorServer(server);
  }

  get connections(): ReadonlySet<WebSocket> {
    return this.#server.clients;
  }

  /** Resolves once `isThere` holds of what was received. */
  async until(
    isThere: (messages: readonly InspectorMessage[]) => boolean,
    timeoutMs = 20_000,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!isThere(this.messages)) {
      if (performance.now() > deadline)
        throw new Error(`not received within ${timeoutMs} ms; ${this.#whatCame()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #whatCame(): string {
    const actors = new Set(this.messages.map(({ sessionId }) => sessionId));
    return `${this.#server.clients.size} connected, ${this.messages.length} messages, of ${[...actors].join(' ') || 'nobody'}`;
  }

  /** Cuts all connections without a farewell. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
