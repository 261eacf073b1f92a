import { lstatSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.ts';
import { knownCharts } from './known-charts.ts';
import { type MachineOperand, parseMachineOperand, splitOperand } from './machine-operand.ts';

/** The module of a chart of this repository by its name, or of any machine as `FILE` or `FILE#name`. Throws `UsageError`. */
export const machineOperand = (text: string, exportName: string | undefined): MachineOperand => {
  const known = knownCharts.find(({ name }) => name === text);
  if (known === undefined || exportName !== undefined) return chartOperand(text, exportName);
  // A module is .ts in a clone and .js where it is installed.
  const module = known.path.replace(/\.ts$/, extname(import.meta.filename));
  return {
    path: fileURLToPath(new URL(`../../../${module}`, import.meta.url)),
    name: known.exportName,
    label: text,
  };
};

/** Reads `FILE` or `FILE#name` where the name of a chart could stand too. Throws `UsageError`. */
export const chartOperand = (text: string, exportName: string | undefined): MachineOperand => {
  const { label } = splitOperand(text);
  if (isSomething(label)) return parseMachineOperand(text, exportName);
  const names = knownCharts.map(({ name }) => name);
  if (names.includes(text))
    throw new UsageError(
      `--export is for modules: ${text} is a chart of raftchart, and there is no such file`,
    );
  throw new UsageError(`no chart and no file called ${label}; charts: ${names.join(', ')}`);
};

/** False only where nothing has that name: whatever else is wrong with a path, whoever opens it says so. */
const isSomething = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
};
