import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { parseMachineOperand } from '../../../src/cli/machine/machine-operand.ts';
import type { MachineReading } from '../../../src/cli/machine/read-task.ts';
import { runInChild } from '../../../src/cli/machine/run-in-child.ts';
import '../compile-cache.ts';

export type Files = Readonly<Record<string, string>>;

const made: string[] = [];

/** A project of these files with the packages `packages` of this repository installed; removed at the end. */
export const projectOf = (files: Files, packages: readonly string[] = ['xstate', 'typescript']): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'raftchart-modules-')));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const name of packages) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(packageRoot(), 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
};

export const removeProjects = (): void => {
  afterAll(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
};

/** Reads the machine of `operand` in a project, in a child. */
export const readIn = (folder: string, operand: string, timeoutMs = 60_000): Promise<MachineReading> =>
  runInChild(parseMachineOperand(join(folder, operand)), 'read', null, { timeoutMs, isVerbose: false });

/** The line with which that is refused, the folder left out. */
export const lineOf = async (folder: string, operand: string, timeoutMs?: number): Promise<string> => {
  try {
    await readIn(folder, operand, timeoutMs);
  } catch (error) {
    const { name, message } = error as Error;
    return name === 'UsageError' ? message.replaceAll(`${folder}/`, '') : `${name}: ${message}`;
  }
  return 'nothing is wrong';
};

/** A machine whose description is `value` as JSON: what a module has seen when it was imported. */
export const telling = (value: string): string =>
  `export const machine = createMachine({ id: 'told', description: JSON.stringify(${value}), initial: 'a', states: { a: {} } });\n`;

/** What such a machine tells. */
export const toldBy = ({ chart }: MachineReading): unknown => JSON.parse(chart.root.description!);
