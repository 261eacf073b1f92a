import { Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A keep-alive client of the HTTP API; one request a socket at a time, `connections` sockets a node. */
export class KvHttpClient {
  readonly #agent: Agent;

  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** One request; rejects when the connection is refused or breaks. */
  send(method: string, endpoint: string, path: string, body = '', timeoutMs = 5000): Promise<Reply> {
    const [host, port] = endpoint.split(':');
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host,
          port,
          method,
          path,
          headers: { 'content-length': Buffer.byteLength(body), 'content-type': 'application/json' },
        },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('end', () => resolve({ status: incoming.statusCode!, body: text }));
          incoming.on('error', reject);
        },
      );
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
