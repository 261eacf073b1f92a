import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { UsageError } from '../usage-error.ts';
import type { ChildReport, ChildRequest } from './child-messages.ts';
import type { MachineOperand } from './machine-operand.ts';
import type { TaskArgument, TaskName, TaskResult } from './machine-tasks.ts';
import { NoMachine } from './no-machine.ts';

export interface ChildOptions {
  /** How long the module may take to load, and a task to give a sign of life. */
  readonly timeoutMs: number;
  /** Whether what the module prints is shown, on stderr. */
  readonly isVerbose: boolean;
  readonly onProgress?: (progress: unknown) => void;
  /** Called with the absolute paths of the files outside of packages that were loaded, or looked for in vain, even if the module does not load. */
  readonly onSources?: (paths: readonly string[]) => void;
  /** Ends the process; what was asked for then rejects. */
  readonly signal?: AbortSignal;
}

/**
 * Loads a module in a process of its own, takes the machine that `operand` names, and returns what `task` makes of it. Nothing that
 * the module does reaches this process: its output, timers, servers and even its crash stay there, and the process is killed once
 * it has answered. Rejects with `UsageError` for a module that does not load or has no such machine.
 */
export const runInChild = async <Name extends TaskName>(
  operand: MachineOperand,
  task: Name,
  argument: TaskArgument<Name>,
  options: ChildOptions,
): Promise<TaskResult<Name>> => {
  const request: ChildRequest = { token: randomUUID(), ...operand, task, argument };
  // This file is .ts in a clone and .js where it is installed.
  const child = fork(new URL(`./machine-child${extname(import.meta.filename)}`, import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // A group of its own, so that processes which the module starts end with it.
    detached: canKillGroups,
  });
  const release = killWithUs(child);
  const abort = () => kill(child);
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  try {
    return (await answerOf(child, request, options)) as TaskResult<Name>;
  } finally {
    release();
    options.signal?.removeEventListener('abort', abort);
    kill(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
  }
};

const canKillGroups = process.platform !== 'win32';

const kill = (child: ChildProcess): void => {
  const { pid } = child;
  if (pid === undefined) return;
  if (!canKillGroups) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of the group have ended.
  }
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The child ends when this process does. Returns what undoes that. */
const killWithUs = (child: ChildProcess): (() => void) => {
  const atExit = () => kill(child);
  const atSignal = (signal: NodeJS.Signals) => {
    kill(child);
    release();
    // As if nobody had listened; whoever else does decides.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const release = () => {
    process.off('exit', atExit);
    for (const signal of signals) process.off(signal, atSignal);
  };
  process.on('exit', atExit);
  for (const signal of signals) process.on(signal, atSignal);
  return release;
};

const answerOf = (child: ChildProcess, request: ChildRequest, options: ChildOptions): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { label, task } = request;
    const said = listen(child, label, options.isVerbose);
    let isLoaded = false;
    const overdue = () => {
      const limit = `${options.timeoutMs / 1000} s`;
      reject(
        new UsageError(
          isLoaded
            ? `${label} has loaded, but its machine has kept ${task} busy for ${limit} without a sign of life: an endless loop in one of its functions?`
            : `cannot load ${label}: it has not finished loading within ${limit}: an endless loop, or an await that waits forever? --load-timeout allows more`,
        ),
      );
    };
    let timer = setTimeout(overdue, options.timeoutMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    child.on('message', (message) => {
      const report = reportIn(message, request.token);
      if (report === null) return;
      clearTimeout(timer);
      switch (report.kind) {
        case 'sources':
          options.onSources?.(report.paths);
          timer = setTimeout(overdue, options.timeoutMs);
          return;
        case 'loaded':
          isLoaded = true;
          timer = setTimeout(overdue, options.timeoutMs);
          return;
        case 'progress':
          options.onProgress?.(report.progress);
          timer = setTimeout(overdue, options.timeoutMs);
          return;
        case 'result':
          return resolve(report.result);
        case 'refused':
          return reject(new (report.hasNoMachine ? NoMachine : UsageError)(report.line));
        case 'bug':
          return reject(bugOf(report));
      }
    });
    child.on('error', (error) =>
      settle(() => reject(new UsageError(`cannot load ${label}: ${error.message}`))),
    );
    child.on('exit', (code, signal) => {
      // What it said at last may still be on its way; a process that it left behind may hold the pipes.
      kill(child);
      const end = () =>
        settle(() => reject(new UsageError(`cannot load ${label}: ${endOf(code, signal, said())}`)));
      const late = setTimeout(end, 500);
      child.on('close', () => {
        clearTimeout(late);
        end();
      });
    });
    child.send(request, (error) => {
      // Its end tells more.
      if (error !== null) kill(child);
    });
  });

const reportIn = (message: unknown, token: string): ChildReport | null => {
  if (typeof message !== 'object' || message === null) return null;
  const { token: given, report } = message as { readonly token?: unknown; readonly report?: ChildReport };
  return given === token && report !== undefined ? report : null;
};

const bugOf = ({ message, stack }: { readonly message: string; readonly stack: string }): Error => {
  const error = new Error(message);
  error.stack = stack;
  return error;
};

/** How a process ended that has not answered. */
const endOf = (code: number | null, signal: NodeJS.Signals | null, said: string): string => {
  if (/heap out of memory|Allocation failed/.test(said)) return 'it ran out of memory';
  if (signal !== null) return `its process was killed by ${signal}`;
  return `it ended its own process with exit code ${code}: a module that exports a machine must not do that when it is imported`;
};

/** How much of what a module prints is kept to explain its end. */
const keptLength = 16_384;

/** Reads all that the child prints, so that it never waits for a reader; returns the end of its stderr. */
const listen = (child: ChildProcess, label: string, isVerbose: boolean): (() => string) => {
  let kept = '';
  const read = (stream: Readable | null, keep: (text: string) => void) => {
    stream?.setEncoding('utf8').on('data', keep);
    stream?.on('error', () => {});
    if (isVerbose && stream !== null) {
      createInterface({ input: stream }).on('line', (line) => process.stderr.write(`${label} | ${line}\n`));
    }
  };
  read(child.stdout, () => {});
  read(child.stderr, (text) => {
    kept = (kept + text).slice(-keptLength);
  });
  return () => kept;
};
