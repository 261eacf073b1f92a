import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { isMalformed } from '../../../../src/adapters/codec/malformed.ts';
import { FrameReader } from '../../../../src/adapters/transport/frame-reader.ts';
import {
  decodeRequest,
  encodeAnswer,
  type FramedRequest,
  maxRequestFrameBytes,
} from '../../../../src/store/frames/frame-codec.ts';

export const upgraded =
  'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: raftchart-frames\r\n\r\n';

/** A node that answers frames as a test tells it to. */
export class MisbehavingNode {
  /** In order of arrival, of all connections. */
  readonly asked: FramedRequest[] = [];
  /** How many connections were opened. */
  connections = 0;
  /** What a request that opens a connection is answered; null: nothing. */
  opening: string | null = upgraded;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: (request: FramedRequest, socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
      socket.once('data', () => {
        if (this.opening === null) return;
        socket.write(this.opening);
        if (!this.opening.startsWith(upgraded)) socket.end();
        const reader = new FrameReader(maxRequestFrameBytes);
        socket.on('data', (chunk: Buffer) => {
          reader.push(chunk, (frame) => {
            const request = decodeRequest(frame);
            if (isMalformed(request)) throw new Error(request.malformed);
            this.asked.push(request);
            answer(request, socket);
          });
        });
      });
    });
  }

  static async open(answer: (request: FramedRequest, socket: Socket) => void): Promise<MisbehavingNode> {
    const node = new MisbehavingNode(answer);
    await new Promise<void>((resolve) => node.#server.listen(0, '127.0.0.1', resolve));
    return node;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** On all connections. */
  write(text: string): void {
    for (const socket of this.#sockets) socket.write(text);
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const answerTo = ({ id, path }: FramedRequest, status = 200): Uint8Array =>
  encodeAnswer({ id, status, headers: ['x-path', path], body: Buffer.from(path) });
