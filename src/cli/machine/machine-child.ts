import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ConfigUnfit, checkConfig } from '../../statechart/read/check-config.ts';
import { UsageError } from '../usage-error.ts';
import type { ChildReport, ChildRequest } from './child-messages.ts';
import { chosenMachine } from './find-machines.ts';
import { loadFailure } from './load-failure.ts';
import { checkModule } from './machine-operand.ts';
import type { MachineTask, TaskTools } from './machine-task.ts';
import { machineTasks } from './machine-tasks.ts';
import { hookModules, loadedSources, placeOfSyntaxError } from './module-hooks.ts';
import { NoMachine } from './no-machine.ts';
import { isReplaced, replaceFile } from './replaced-file.ts';
import { findTypeScript } from './typescript-compiler.ts';

/*
 * A process that loads one module of other people, runs one task on a machine of it, reports, and is killed. The module may do as it
 * likes meanwhile: what is needed to report is taken before it is loaded.
 */

const send = process.send?.bind(process);
const exit = process.exit.bind(process);

process.once('message', (request) => void serve(request as ChildRequest));

/** Ends this process once its parent has died, even while the module loops: on a thread of its own. */
const endWithParent = (): void =>
  new Worker(
    "const { workerData } = require('node:worker_threads'); setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL'); }, 500);",
    { eval: true, workerData: process.ppid, execArgv: [], env: {} },
  ).unref();

const serve = async ({ token, path, label, name, text, task, argument }: ChildRequest): Promise<void> => {
  const report = (each: ChildReport) => send?.({ token, report: each });
  const refuse = (line: string, hasNoMachine = false) =>
    report({ kind: 'refused', line: line.replaceAll(/\s*\n\s*/g, ' '), hasNoMachine });
  seclude((place) =>
    refuse(
      `cannot load ${label}: it ended its own process${place}: a module that exports a machine must not do that when it is imported`,
    ),
  );
  const run: MachineTask = await machineTasks[task]();
  // A module that waits for nothing ends this process; waiting for the parent would keep it.
  process.channel?.unref();
  process.setSourceMapsEnabled(true);
  // XState makes a machine many calls below the module.
  Error.stackTraceLimit = 100;
  endWithParent();
  hookModules();
  if (text !== undefined) replaceFile(path, text);
  let stage: 'loading' | 'working' | 'done' = 'loading';
  process.on('beforeExit', () => {
    if (stage === 'loading')
      refuse(`cannot load ${label}: an await at its top level waits for what never happens`);
    if (stage === 'working')
      report(bug(`expected an answer from the task ${task}, but it waits for nothing`));
    stage = 'done';
  });
  try {
    const exports = await exportsOf(path, label).finally(() =>
      report({ kind: 'sources', paths: loadedSources() }),
    );
    const machine = chosenMachine(exports, name, label);
    checkConfig(machine);
    report({ kind: 'loaded' });
    stage = 'working';
    const tools: TaskTools = { path, report: (progress) => report({ kind: 'progress', progress }) };
    const result = await run(machine, argument as never, tools);
    report({ kind: 'result', result });
    stage = 'done';
  } catch (error) {
    stage = 'done';
    const fault =
      error instanceof ConfigUnfit
        ? new UsageError(`${label} has an unusable machine: ${error.message}`)
        : error;
    if (fault instanceof UsageError) return void refuse(fault.message, fault instanceof NoMachine);
    const { message = String(error), stack = '' } = error as Error;
    const text = message.includes('could not be cloned')
      ? `expected plain data from the task ${task}: ${message}`
      : message;
    report(bug(text, stack));
  }
};

const bug = (message: string, stack = ''): ChildReport => ({ kind: 'bug', message, stack });

const exportsOf = async (path: string, label: string): Promise<Readonly<Record<string, unknown>>> => {
  // The file may have gone, or become something else, since the parent looked at it.
  if (!isReplaced(path)) checkModule(path, label);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UsageError(
      `cannot load ${label}: ${loadFailure(error, { typeScript: () => findTypeScript(path), placeOfSyntaxError })}`,
    );
  }
};

/** The module finds an ordinary process, and neither its own errors after the import nor its end go unnoticed. */
const seclude = (onExit: (place: string) => void): void => {
  // Not `delete`: these are read while something is sent.
  for (const name of ['send', 'disconnect'] as const) {
    Object.defineProperty(process, name, { value: undefined, configurable: true, writable: true });
  }
  process.exit = ((code?: number) => {
    onExit('');
    exit(code);
  }) as typeof process.exit;
  // What a module does later is nothing to its chart; it is shown with all that it prints.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
};
