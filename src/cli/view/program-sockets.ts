import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
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
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, faultOf: OriginFault | null = null): void {
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

  #follow(socket: WebSocket, faultOf: OriginFault | null): void {
    const connection: Connection = {
      socket,
      faultOf,
      isWelcome: faultOf === null,
      program: this.#log.connect(),
    };
    let refused = 0;
    this.#open.add(socket);
    this.#programs.set(connection.program, socket);
    // Programs choose their names: what steers a terminal stays out.
    const nameOf = (): string => this.#log.nameOf(connection.program).replaceAll(/\p{C}+/gu, '·');
    socket.on('message', (data, isBinary) => {
      const problem = isBinary ? 'it is binary' : this.#take(connection, String(data));
      if (problem === null) return;
      refused += 1;
      if (refused === 1)
        this.#tell(`${nameOf()}: a message is not shown: ${problem}; further ones are only counted`);
    });
    socket.on('error', ({ message }) => this.#tell(`${nameOf()}: its connection ends: ${message}`));
    socket.on('close', () => {
      if (refused > 1) this.#tell(`${nameOf()}: ${refused} messages were not shown`);
      this.#open.delete(socket);
      this.#programs.delete(connection.program);
      this.#log.disconnect(connection.program);
    });
  }

  /** Why a message is not taken; null where it is. */
  #take(connection: Connection, text: string): string | null {
    const message = readMessage(text);
    if (message === null) return null;
    if ('problem' in message) return message.problem;
    const { faultOf, socket, program } = connection;
    if (faultOf !== null && message.type === '@raftchart.hello') {
      const { origin } = message;
      const fault = origin === null ? 'it does not say whose messages are forwarded' : faultOf(origin);
      if (fault !== null) return fault;
      connection.isWelcome = true;
    }
    if (!connection.isWelcome) return 'it came before one that says whose messages are forwarded';
    const taken = this.#log.receive(program, message);
    if (typeof taken !== 'number') return taken.problem;
    if (taken === program) return null;
    this.#programs.delete(program);
    this.#programs.set(taken, socket);
    connection.program = taken;
    return null;
  }
}

/** Why messages from an origin are not taken; null where they are. */
type OriginFault = (origin: string) => string | null;

interface Connection {
  readonly socket: WebSocket;
  /** Of a page that forwards messages; null for a program that speaks for itself. */
  readonly faultOf: OriginFault | null;
  isWelcome: boolean;
  program: number;
}
