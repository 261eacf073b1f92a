import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { InspectionLog } from '../../statechart/inspect/inspection-log.ts';
import type { SentEvent } from '../../statechart/inspect/news.ts';
import { readMessage, type SendMessage } from '../../statechart/inspect/protocol.ts';

/** Beyond this a message is not even received, and its connection ends. */
const maxMessageBytes = 16 * 1024 * 1024;
const maxPrograms = 100;
/** Of events that a program has not taken yet. */
const maxWaitingBytes = 1024 * 1024;

/** The WebSockets of inspected programs: what they send goes to the log. */
export class ProgramSockets {
  readonly #log: InspectionLog;
  readonly #tell: (line: string) => void;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #programs = new Map<number, WebSocket>();
  readonly #open = new Set<WebSocket>();

  /** `tell` is given lines for whoever started the inspector. */
  constructor(log: InspectionLog, tell: (line: string) => void) {
    this.#log = log;
    this.#tell = tell;
  }

  get isFull(): boolean {
    return this.#open.size >= maxPrograms;
  }

  /** Takes a connection. `faultOf` is given the origin of messages that a page forwards, and says why they are not taken; without it, nobody may forward. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    faultOf: ((origin: string) => string | null) | null = null,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#follow(webSocket, faultOf));
  }

  /** Hands an event to its program. False for one that is gone or does not read. */
  send({ program, actor, event }: SentEvent): boolean {
    const socket = this.#programs.get(program);
    if (socket === undefined || socket.bufferedAmount > maxWaitingBytes) return false;
    socket.send(JSON.stringify({ type: '@raftchart.send', actor, event } satisfies SendMessage));
    return true;
  }

  close(): void {
    for (const socket of this.#open) socket.terminate();
  }

  #follow(socket: WebSocket, faultOf: ((origin: string) => string | null) | null): void {
    let program = this.#log.connect();
    let refused = 0;
    let isWelcome = faultOf === null;
    this.#open.add(socket);
    this.#programs.set(program, socket);
    const refuse = (problem: string): void => {
      refused += 1;
      if (refused > 1) return;
      this.#tell(
        `${this.#log.nameOf(program)}: a message is not shown: ${problem}; further ones are only counted`,
      );
    };
    const take = (data: RawData, isBinary: boolean): void => {
      const message = isBinary ? { problem: 'it is binary' } : readMessage(String(data));
      if (message === null) return;
      if ('problem' in message) return refuse(message.problem);
      if (message.type === '@raftchart.hello' && faultOf !== null) {
        const fault =
          message.origin === null ? 'it does not say from where it is forwarded' : faultOf(message.origin);
        if (fault !== null) return refuse(fault);
        isWelcome = true;
      }
      if (!isWelcome) return refuse('it came before @raftchart.hello');
      const taken = this.#log.receive(program, message);
      if (typeof taken === 'object') return refuse(taken.problem);
      if (taken === program) return;
      this.#programs.delete(program);
      program = taken;
      this.#programs.set(program, socket);
    };
    socket.on('message', take);
    socket.on('error', ({ message }) =>
      this.#tell(`${this.#log.nameOf(program)}: its connection ends: ${message}`),
    );
    socket.on('close', () => {
      const name = this.#log.nameOf(program);
      this.#open.delete(socket);
      this.#programs.delete(program);
      this.#log.disconnect(program);
      if (refused > 1) this.#tell(`${name}: ${refused} messages were not shown`);
    });
  }
}
