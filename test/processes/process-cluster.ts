import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { plainReach, type Reach } from '../../src/cli/client/reach.ts';
import { askStatus } from '../../src/cli/client/status.ts';
import { nodeFlags, nodeVariables } from '../../src/cli/node-flags.ts';
import { endsWithThisProcess } from './ends-with-this-process.ts';
import { freePorts } from './free-ports.ts';
import { type LinkConditions, SlowLink } from './slow-link.ts';

/** `raft-node` from its sources. */
export const nodeProgram = fileURLToPath(new URL('../../src/cli/raft-node.ts', import.meta.url));

/** One line of a node's structured log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** How a process ended that was not told to. */
export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

interface Member {
  readonly id: number;
  readonly peerPort: number;
  readonly clientPort: number;
  process: ChildProcess | null;
}

export interface ProcessClusterOptions {
  readonly size: number;
  /** How many more nodes there may be, which join later. Default: none. */
  readonly spare?: number;
  readonly dataDir: string;
  /** Further flags of `raft-node`. */
  readonly flags?: readonly string[];
  /** The same, of one node. */
  readonly flagsOf?: (id: number) => readonly string[];
  /** How their client ports are reached. Default: by HTTP, without a token. */
  readonly reach?: Reach;
  /** Whether each node writes a trace, to `traceOf`. */
  readonly traces?: boolean;
  /** Each node reaches each other one by a link of its own that is as slow as this. Default: as fast as it can be. */
  readonly link?: LinkConditions;
  /** How nodes call the host of their peers. Default: 127.0.0.1. */
  readonly peerHost?: string;
  /** Flags of Node.js itself. */
  readonly nodeOptions?: readonly string[];
  /** The program that nodes run until another one takes its place. Default: `raft-node` from its sources. */
  readonly program?: string;
  readonly onLog?: (id: number, line: LogLine) => void;
}

/** Real `raft-node` processes on 127.0.0.1, to be killed and started again. Ends only processes that it started. */
export class ProcessCluster {
  readonly members: readonly Member[];
  readonly #options: ProcessClusterOptions;
  /** `1 2`: from node 1 to node 2. */
  readonly #links = new Map<string, SlowLink>();
  readonly #programs = new Map<number, string>();

  private constructor(options: ProcessClusterOptions, members: readonly Member[]) {
    this.#options = options;
    this.members = members;
  }

  /** Finds ports for all nodes and starts none. */
  static async reserve(options: ProcessClusterOptions): Promise<ProcessCluster> {
    const size = options.size + (options.spare ?? 0);
    const ports = await freePorts(2 * size);
    const members = Array.from({ length: size }, (_, at) => {
      return { id: at + 1, peerPort: ports[2 * at]!, clientPort: ports[2 * at + 1]!, process: null };
    });
    const cluster = new ProcessCluster(options, members);
    if (options.link === undefined) return cluster;
    for (const from of members)
      for (const to of members) {
        if (from === to) continue;
        cluster.#links.set(`${from.id} ${to.id}`, await SlowLink.open(to.peerPort, options.link));
      }
    return cluster;
  }

  /** Of these nodes, none of which it has started. */
  static of(options: ProcessClusterOptions, members: readonly Member[]): ProcessCluster {
    return new ProcessCluster(options, members);
  }

  /** Starts all nodes; resolves once one of them leads and all of them take requests. */
  static async start(options: ProcessClusterOptions): Promise<ProcessCluster> {
    const cluster = await ProcessCluster.reserve(options);
    await cluster.startAll();
    return cluster;
  }

  /** Starts those that begin the cluster; resolves once one of them leads and all of them take requests. */
  async startAll(): Promise<void> {
    for (const { id } of this.founders) this.start(id);
    await this.leader();
  }

  /** Those that begin the cluster. */
  get founders(): readonly Member[] {
    return this.members.slice(0, this.#options.size);
  }

  get endpoints(): readonly string[] {
    return this.members.map(({ clientPort }) => `127.0.0.1:${clientPort}`);
  }

  /** Starts node `id`, which must not run. `among`: the members that its flags name, itself included; null: none are named. `more`: flags that win over those of all nodes. */
  start(
    id: number,
    among: readonly number[] | null = this.founders.map((member) => member.id),
    more: readonly string[] = [],
  ): void {
    this.#spawn(id, [...this.flags(id, among), ...more]);
  }

  /** Starts node `id`, which must not run, to join the cluster by these members. */
  join(id: number, by: readonly number[] = this.founders.map((member) => member.id)): void {
    this.#spawn(id, [...this.flags(id, null), '--join', by.map((each) => this.peerAddress(each)).join()]);
  }

  /** What node `id` runs from its next start on. */
  install(id: number, program: string): void {
    this.#programs.set(id, program);
  }

  peerAddress(id: number): string {
    return `127.0.0.1:${this.#member(id).peerPort}`;
  }

  #spawn(id: number, flags: readonly string[]): void {
    const program = this.#programs.get(id) ?? this.#options.program ?? nodeProgram;
    const child = endsWithThisProcess(
      spawn(process.execPath, [...nodeFlags, ...(this.#options.nodeOptions ?? []), program, ...flags], {
        env: { ...nodeVariables, ...process.env },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    this.#member(id).process = child;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.#options.onLog?.(id, JSON.parse(line) as LogLine);
    });
  }

  /** Starts node `id`, which must end by itself. */
  refused(
    id: number,
    among: readonly number[] | null = this.founders.map((member) => member.id),
    flags: readonly string[] = [],
  ): Ended {
    const { status, stderr } = spawnSync(
      process.execPath,
      [nodeProgram, ...this.flags(id, among), ...flags],
      {
        encoding: 'utf8',
        timeout: 30_000,
        // It may take a softer one for a wish.
        killSignal: 'SIGKILL',
      },
    );
    return { code: status, stderr };
  }

  dataDirOf(id: number): string {
    return `${this.#options.dataDir}/raft-${id}`;
  }

  traceOf(id: number): string {
    return `${this.#options.dataDir}/raft-${id}.ndjson`;
  }

  /** The flags of node `id`. */
  flags(id: number, among: readonly number[] | null): readonly string[] {
    const member = this.#member(id);
    const peers = this.members
      .filter((peer) => peer.id !== id && among?.includes(peer.id))
      .map((peer) => {
        const port = this.#links.get(`${id} ${peer.id}`)?.port ?? peer.peerPort;
        return `${peer.id}=${this.#options.peerHost ?? '127.0.0.1'}:${port}`;
      });
    return [
      '--id',
      `${id}`,
      '--listen-peer',
      `127.0.0.1:${member.peerPort}`,
      '--listen-client',
      `127.0.0.1:${member.clientPort}`,
      '--data-dir',
      this.dataDirOf(id),
      ...(among === null ? [] : ['--peers', peers.join(',') || 'none']),
      ...(this.#options.traces ? ['--trace-file', this.traceOf(id)] : []),
      ...(this.#options.flags ?? []),
      ...(this.#options.flagsOf?.(id) ?? []),
    ];
  }

  /** Sends `signal` and resolves with the exit code, null after a kill, once the process is gone. */
  async end(id: number, signal: NodeJS.Signals): Promise<number | null> {
    const member = this.#member(id);
    const child = member.process;
    if (child === null) return null;
    member.process = null;
    if (child.exitCode !== null) return child.exitCode;
    child.kill(signal);
    const [code] = await once(child, 'exit');
    return code as number | null;
  }

  pid(id: number): number {
    return this.#member(id).process!.pid!;
  }

  /**
   * The id of a node that says it leads; waits until one does, and until no node that runs is still starting: those that were
   * started take requests by then. Throws if a node ended that nobody told to.
   */
  async leader(): Promise<number> {
    const deadline = performance.now() + 30_000;
    while (performance.now() < deadline) {
      const running = this.members.filter((member) => member.process !== null);
      for (const { id, process: child } of running) {
        if (child!.exitCode !== null)
          throw new Error(`node${id} ended by itself, exit code ${child!.exitCode}`);
      }
      const answers = await Promise.all(
        running.map(({ clientPort }) => answerOf(clientPort, this.#options.reach)),
      );
      const leads = answers.findIndex((answer) => typeof answer === 'object' && answer.role === 'leader');
      if (leads >= 0 && !answers.includes('starting')) return running[leads]!.id;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('no leader within 30 s, or not every node takes requests');
  }

  /** Stops every node cleanly; resolves with their exit codes. */
  async stop(): Promise<readonly (number | null)[]> {
    const codes = await Promise.all(this.members.map(({ id }) => this.end(id, 'SIGTERM')));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    return codes;
  }

  /** What the slow links have carried from those that dialled. */
  get carriedBytes(): number {
    return [...this.#links.values()].reduce((sum, { carried }) => sum + carried.there, 0);
  }

  #member(id: number): Member {
    return this.members[id - 1]!;
  }
}

export interface StatusBody {
  readonly id: number;
  readonly role: string;
  readonly term: number;
  readonly leader: number | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly peers: readonly {
    readonly id: number;
    readonly link: string;
    readonly wireVersion?: number;
    readonly refusal?: { readonly by: number; readonly reason: string };
  }[];
}

/** The status of the node at `clientPort`; null while it cannot be reached. */
export const fetchStatus = async (clientPort: number, reach?: Reach): Promise<StatusBody | null> => {
  const answer = await answerOf(clientPort, reach);
  return typeof answer === 'object' ? answer : null;
};

/** `starting`: nobody listens there, or there is no node yet. `silent`: there is no answer. */
const answerOf = async (
  clientPort: number,
  reach: Reach = plainReach,
): Promise<StatusBody | 'starting' | 'silent'> => {
  const endpoint = `${reach.tls === null ? 'http' : 'https'}://127.0.0.1:${clientPort}`;
  const [answer] = await askStatus(reach, [endpoint], 1000);
  if ('status' in answer!) return answer.status;
  return /^(?:answered|ECONNREFUSED)/.test(answer!.unreachable) ? 'starting' : 'silent';
};
