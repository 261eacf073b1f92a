import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import type { NodeId } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import { nodeFlags, nodeVariables } from '../node-flags.ts';
import { UsageError } from '../usage-error.ts';

/** What happens in a local cluster, for whoever displays it. */
export type ClusterEvent =
  | { readonly type: 'started'; readonly id: NodeId; readonly pid: number }
  /** One structured log line of a node. */
  | { readonly type: 'log'; readonly id: NodeId; readonly fields: Readonly<Record<string, unknown>> }
  | {
      readonly type: 'killed';
      readonly id: NodeId;
      readonly signal: string;
      readonly restartDelayMs: number | null;
    }
  /** A node was told to stop, by SIGTERM for instance, and did so cleanly. */
  | { readonly type: 'stopped'; readonly id: NodeId; readonly restartDelayMs: number | null }
  /** A node refused to start or stopped on its own; `message` is what it said. */
  | { readonly type: 'failed'; readonly id: NodeId; readonly exitCode: number; readonly message: string }
  | { readonly type: 'stopping' };

export interface LocalClusterOptions {
  readonly size: number;
  readonly dataDir: string;
  /** Flags for each `raft-node`. */
  readonly extraFlags: readonly string[];
  /** Whether each node writes a trace, beside its log. */
  readonly traces: boolean;
  /** After a node was killed by a signal or told to stop; null: never. */
  readonly restartDelayMs: number | null;
  readonly tell: (event: ClusterEvent) => void;
}

const isSource = import.meta.url.endsWith('.ts');
const nodeProgram = fileURLToPath(new URL(`../raft-node.${isSource ? 'ts' : 'js'}`, import.meta.url));
/** A node that has not stopped on its own after this time is killed. */
const stopGraceMs = 5000;

/** Separate `raft-node` processes on this machine, at the default ports; they end with it. */
export class LocalCluster {
  readonly #options: LocalClusterOptions;
  readonly #processes = new Map<NodeId, ChildProcess>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #ended = Promise.withResolvers<number>();
  #isStopping = false;
  #exitCode: number = exitCodes.success;

  constructor(options: LocalClusterOptions) {
    this.#options = options;
  }

  /** Starts all nodes; resolves with an exit code once all have ended. Throws `UsageError` if the data directory cannot be made. */
  run(): Promise<number> {
    const { dataDir } = this.#options;
    try {
      makeDirectory(dataDir);
    } catch (error) {
      throw new UsageError(`--data-dir: cannot make ${dataDir}: ${(error as Error).message}`);
    }
    for (let id = 1; id <= this.#options.size; id++) this.#start(id);
    return this.#ended.promise;
  }

  /** Stops every node cleanly. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#options.tell({ type: 'stopping' });
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const child of this.#processes.values()) child.kill('SIGTERM');
    setTimeout(() => {
      for (const child of this.#processes.values()) child.kill('SIGKILL');
    }, stopGraceMs).unref();
    this.#endIfEmpty();
  }

  #start(id: NodeId): void {
    const { size, dataDir, extraFlags, traces, tell } = this.#options;
    const peers = Array.from({ length: size }, (_, at) => at + 1).filter((peer) => peer !== id);
    const flags = ['--id', `${id}`, '--data-dir', `${dataDir}/raft-${id}`, ...extraFlags];
    if (peers.length > 0) flags.push('--peers', peers.join(','));
    if (traces) flags.push('--trace-file', `${dataDir}/raft-${id}.ndjson`);
    const child = spawn(process.execPath, [...nodeFlags, nodeProgram, ...flags], {
      env: { ...nodeVariables, ...process.env },
      // The channel closes when this process ends, for whatever reason: the node then stops too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#processes.set(id, child);
    if (child.pid !== undefined) tell({ type: 'started', id, pid: child.pid });
    const logFile = createWriteStream(`${dataDir}/raft-${id}.log`, { flags: 'a' });
    this.#follow(id, child, logFile);
    let lastError = '';
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lastError = line;
      logFile.write(`${line}\n`);
    });
    child.once('error', (error) => {
      lastError = error.message;
    });
    child.once('close', (code, signal) => {
      this.#processes.delete(id);
      logFile.end();
      this.#onClosed(id, code, signal, lastError);
    });
  }

  #follow(id: NodeId, child: ChildProcess, logFile: WriteStream): void {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      logFile.write(`${line}\n`);
      try {
        this.#options.tell({ type: 'log', id, fields: JSON.parse(line) });
      } catch {
        // Not a log line; it is in the file.
      }
    });
  }

  #onClosed(id: NodeId, code: number | null, signal: string | null, lastError: string): void {
    const { tell, restartDelayMs } = this.#options;
    if (!this.#isStopping) {
      if (signal !== null || code === exitCodes.success) {
        tell(
          signal === null
            ? { type: 'stopped', id, restartDelayMs }
            : { type: 'killed', id, signal, restartDelayMs },
        );
        if (restartDelayMs !== null) {
          const timer = setTimeout(() => {
            this.#restarts.delete(timer);
            this.#start(id);
          }, restartDelayMs);
          this.#restarts.add(timer);
        }
      } else {
        const exitCode = code ?? exitCodes.failure;
        tell({ type: 'failed', id, exitCode, message: lastError });
        this.#exitCode = exitCode;
        this.stop();
      }
    }
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    const isRestarting = this.#restarts.size > 0 && !this.#isStopping;
    if (this.#processes.size === 0 && !isRestarting) this.#ended.resolve(this.#exitCode);
  }
}
