import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { framesPath, framesProtocol } from '../../frames/frame-codec.ts';
import type { ClientApi } from '../client-api.ts';
import { rawAnswer } from '../raw-answer.ts';
import { FramedClient } from './framed-client.ts';

/** Whether a request asks to go on in frames. Any other protocol that a client offers is ignored, as HTTP demands. RFC 9110 §7.8 */
export const asksForFrames = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' && url === framesPath && headers.upgrade?.toLowerCase() === framesProtocol;

/** The connections of one server that have left HTTP for frames. */
export class FramedClients {
  readonly #all = new Set<FramedClient>();
  #isClosing = false;

  /** `api` null: no node is served yet. */
  open(api: ClientApi | null, request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    if (api === null) {
      turnAway(socket, rawAnswer('503 Service Unavailable', 'not_ready'));
      return;
    }
    const connection = api.connections.of(socket);
    if (connection === undefined || connection.size > 0) {
      // The client would take the answer for that of an earlier request.
      turnAway(socket, null);
      return;
    }
    if (!asksForFrames(request)) {
      turnAway(socket, rawAnswer('400 Bad Request', 'bad_request'));
      return;
    }
    const client = new FramedClient(api, connection, request, head);
    this.#all.add(client);
    socket.on('close', () => this.#all.delete(client));
    if (this.#isClosing) client.end();
  }

  /** Each connection ends once its last request is answered. */
  close(): void {
    this.#isClosing = true;
    for (const client of this.#all) client.end();
  }

  destroy(): void {
    for (const client of this.#all) client.destroy();
  }
}

const turnAway = (socket: Duplex, answer: string | null): void => {
  socket.on('error', () => {});
  if (answer === null) socket.destroy();
  else socket.end(answer, () => socket.destroy());
};
