import { pathToFileURL } from 'node:url';
import { UsageError } from '../usage-error.ts';
import type { ChildReport, ChildRequest } from './child-messages.ts';
import { chosenMachine } from './find-machines.ts';
import { loadFailure } from './load-failure.ts';
import { machineTasks } from './machine-tasks.ts';
import { hookModules } from './module-hooks.ts';

/*
 * A process that loads one module of other people, runs one task on a machine of it, reports, and is killed. The module may do as it
 * likes meanwhile: what is needed to report is taken before it is loaded.
 */

const send = process.send?.bind(process);
const exit = process.exit.bind(process);

process.once('message', (request) => void serve(request as ChildRequest));
// The parent has died.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const serve = async ({ token, path, label, name, task, argument }: ChildRequest): Promise<void> => {
  const report = (each: ChildReport) => send?.({ token, report: each });
  const refuse = (line: string) => report({ kind: 'refused', line: line.replaceAll(/\s*\n\s*/g, ' ') });
  seclude((place) =>
    refuse(
      `cannot load ${label}: it ended its own process${place}: a module that exports a machine must not do that when it is imported`,
    ),
  );
  hookModules();
  try {
    const machine = chosenMachine(await exportsOf(path, label), name, label);
    report({ kind: 'loaded' });
    const result = await machineTasks[task](machine, argument as never);
    report({ kind: 'result', result });
  } catch (error) {
    if (error instanceof UsageError) return void refuse(error.message);
    const { message = String(error), stack = '' } = error as Error;
    report({ kind: 'bug', message, stack });
  }
};

const exportsOf = async (path: string, label: string): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UsageError(`cannot load ${label}: ${loadFailure(error)}`);
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
