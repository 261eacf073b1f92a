import { connect, type Socket } from 'node:net';
import { isMalformed } from '../../../../src/adapters/codec/malformed.ts';
import { FrameReader } from '../../../../src/adapters/transport/frame-reader.ts';
import {
  decodeAnswer,
  encodeRequest,
  type FramedAnswer,
  headerIn,
  maxAnswerFrameBytes,
} from '../../../../src/store/frames/frame-codec.ts';

export const upgradeHead = (more = ''): string =>
  `GET /v2/frames HTTP/1.1\r\nhost: localhost\r\n${more}connection: Upgrade\r\nupgrade: raftchart-frames\r\n\r\n`;

/** A connection of frames that a test writes what it likes to. */
export class FramesClient {
  readonly socket: Socket;
  /** In order of arrival. */
  readonly answers: FramedAnswer[] = [];
  /** All answers that arrived before are in `answers` by then. */
  readonly closed: Promise<void>;
  #lastId = 0;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket, head: Uint8Array) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#wake();
        resolve();
      });
    });
    const reader = new FrameReader(maxAnswerFrameBytes);
    const take = (bytes: Uint8Array): void => {
      const fault = reader.push(bytes, (frame) => {
        const answer = decodeAnswer(frame);
        if (isMalformed(answer)) throw new Error(answer.malformed);
        this.answers.push(answer);
      });
      if (fault !== null) throw new Error(fault);
      this.#wake();
    };
    socket.on('data', take);
    if (head.length > 0) take(head);
  }

  /** On a connection of its own; throws what was answered if it is not 101. `head`: what asks for frames. */
  static async open(port: number, head: string | Uint8Array = upgradeHead()): Promise<FramesClient> {
    return FramesClient.on(connect(port, '127.0.0.1'), head);
  }

  static async on(socket: Socket, head: string | Uint8Array = upgradeHead()): Promise<FramesClient> {
    socket.on('error', () => {});
    socket.write(head);
    const received = await new Promise<Buffer>((resolve) => {
      let all = Buffer.alloc(0);
      const take = (chunk: Buffer): void => {
        all = Buffer.concat([all, chunk]);
        if (all.includes('\r\n\r\n')) done();
      };
      const done = (): void => {
        socket.off('data', take).off('close', done);
        resolve(all);
      };
      socket.on('data', take).on('close', done);
    });
    const text = received.toString('latin1');
    if (!text.startsWith('HTTP/1.1 101 ')) {
      socket.destroy();
      throw new Error(text);
    }
    return new FramesClient(socket, received.subarray(text.indexOf('\r\n\r\n') + 4));
  }

  /** Sends one request, and resolves with its answer. */
  async ask(
    method: string,
    path: string,
    body: string | Uint8Array = '',
    headers: readonly string[] = [],
  ): Promise<FramedAnswer> {
    const id = ++this.#lastId;
    this.socket.write(frameOf(id, method, path, body, headers));
    await this.until(() => this.answers.some((each) => each.id === id));
    return this.answers.find((each) => each.id === id)!;
  }

  /** Rejects if the connection is closed before. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.socket.closed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

/** A request as it is sent, with its length in front. */
export const frameOf = (
  id: number,
  method: string,
  path: string,
  body: string | Uint8Array = '',
  headers: readonly string[] = [],
): Uint8Array =>
  encodeRequest({ id, method, path, headers, body: typeof body === 'string' ? Buffer.from(body) : body });

export const textOf = ({ body }: FramedAnswer): string => Buffer.from(body).toString();

/** As JSON. */
export const errorOf = (answer: FramedAnswer): string =>
  (JSON.parse(textOf(answer)) as { error: string }).error;

export const header = ({ headers }: FramedAnswer, name: string): string | null => headerIn(headers, name);
