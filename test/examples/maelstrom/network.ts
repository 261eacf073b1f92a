import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Stream } from '../../../src/simulate/dice.ts';

export interface Body {
  readonly type: string;
  readonly msg_id?: number;
  readonly in_reply_to?: number;
  readonly [field: string]: unknown;
}

interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
}

export interface Network {
  /** Of messages between nodes, from 0 to 1. */
  readonly loss: number;
  /** Each message takes up to so long. */
  readonly maxDelayMs: number;
}

/**
 * Plays Maelstrom for real processes: starts them, carries the lines of JSON that they write, and cuts the network. Messages between nodes are delayed each
 * by its own time, lost, and dropped where a partition separates the nodes; those of clients are only delayed.
 * github.com/jepsen-io/maelstrom, doc/protocol.md
 */
export class MaelstromNetwork {
  readonly nodes: readonly string[];
  /** How many messages between nodes did not arrive. */
  dropped = 0;
  readonly #network: Network;
  readonly #dice: Stream;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #errors: string[] = [];
  readonly #waiting = new Map<string, (body: Body) => void>();
  #partition: ReadonlySet<string> = new Set();
  #messages = 0;

  constructor(program: string, size: number, seed: number, network: Network) {
    this.nodes = Array.from({ length: size }, (_, at) => `n${at}`);
    this.#network = network;
    this.#dice = new Stream(seed);
    for (const name of this.nodes) this.#processes.set(name, this.#start(program));
  }

  /** Says to each node who it is. */
  async init(): Promise<void> {
    const inits = this.nodes.map(async (name) => {
      const body = { type: 'init', node_id: name, node_ids: this.nodes };
      const answer = await this.request('c0', name, body, 30_000);
      if (answer?.type !== 'init_ok') throw new Error(`${name} does not start: ${this.#errors.join('')}`);
    });
    await Promise.all(inits);
  }

  /** The answer to a client's request; null: there is none in time. */
  request(client: string, dest: string, body: Body, timeoutMs: number): Promise<Body | null> {
    const msg_id = ++this.#messages;
    return new Promise((resolve) => {
      const settle = (answer: Body | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(`${client} ${msg_id}`);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), timeoutMs);
      this.#waiting.set(`${client} ${msg_id}`, settle);
      this.#carry({ src: client, dest, body: { ...body, msg_id } });
    });
  }

  /** From now on only nodes on the same side hear each other. */
  cut(side: Iterable<string>): void {
    this.#partition = new Set(side);
  }

  heal(): void {
    this.#partition = new Set();
  }

  /** Ends the processes; what they wrote to standard error. */
  async close(): Promise<string> {
    await Promise.all(
      [...this.#processes.values()].map(async (process) => {
        if (process.exitCode !== null || process.signalCode !== null) return;
        const ended = once(process, 'exit');
        process.stdin!.end();
        await ended;
      }),
    );
    return this.#errors.join('');
  }

  #start(program: string): ChildProcess {
    const process_ = spawn(process.execPath, ['--import=./test/examples/from-source.ts', program]);
    process_.stderr.on('data', (chunk) => this.#errors.push(String(chunk)));
    // A node that has died takes nothing more; its standard error says why.
    process_.stdin.on('error', () => {});
    createInterface({ input: process_.stdout }).on('line', (line) => this.#carry(JSON.parse(line)));
    return process_;
  }

  #carry(message: Message): void {
    const { src, dest } = message;
    if (this.#processes.has(src) && this.#processes.has(dest)) {
      const isCut = this.#partition.has(src) !== this.#partition.has(dest);
      if (isCut || this.#dice.chance(this.#network.loss)) {
        this.dropped++;
        return;
      }
    }
    setTimeout(() => this.#deliver(message), this.#dice.fraction() * this.#network.maxDelayMs);
  }

  #deliver(message: Message): void {
    const { dest, body } = message;
    const node = this.#processes.get(dest);
    if (node === undefined) this.#waiting.get(`${dest} ${body.in_reply_to}`)?.(body);
    else if (node.stdin!.writable) node.stdin!.write(`${JSON.stringify(message)}\n`);
  }
}
