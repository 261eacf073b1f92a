import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { MachineFlags } from '../machine/machine-flags.ts';
import { isModulePath, type MachineOperand, splitOperand } from '../machine/machine-operand.ts';
import { NoMachine } from '../machine/no-machine.ts';
import { UsageError } from '../usage-error.ts';
import { both, type ChartVersion, readFile } from './revision.ts';

/** What there is to say where no two machines are compared: one line, and whether the files differ. */
export interface NotCompared {
  readonly line: string;
  readonly isDifferent: boolean;
}

/**
 * Reads two files as versions of `at`, `FILE` or `FILE#name`, which need not exist: each is loaded as if it stood there, so that its
 * imports lead where they lead from there. A version that is empty, such as `/dev/null`, does not exist. Rejects with `UsageError`.
 */
export const versionsAt = async (
  at: string,
  before: string,
  after: string,
  flags: MachineFlags,
): Promise<{ readonly old: ChartVersion; readonly now: ChartVersion } | NotCompared> => {
  // A file that is gone may have a # in its name as well.
  const { label, name } = splitOperand(at, (path) => isModulePath(path) || existsSync(path));
  const [oldText, newText] = [versionIn(before), versionIn(after)];
  if (oldText === '' || newText === '') {
    const became = oldText === newText ? 'is empty in both versions' : oldText === '' ? 'is new' : 'is gone';
    return {
      line: `${label} ${became}: there are no two versions to compare`,
      isDifferent: oldText !== newText,
    };
  }
  const place = { path: realPathOf(resolve(label)), label, name: name ?? flags.export ?? null };
  if (!isModulePath(label)) return { line: `not compared: ${label} is not a module`, isDifferent: false };
  const [old, now] = await both(
    read({ ...place, text: oldText }, 'old', flags),
    read({ ...place, text: newText }, 'new', flags),
  );
  if (old instanceof NoMachine) {
    const isDifferent = !(now instanceof NoMachine);
    return { line: `not compared: ${isDifferent ? 'old version: ' : ''}${old.message}`, isDifferent };
  }
  if (now instanceof NoMachine)
    return { line: `not compared: new version: ${now.message}`, isDifferent: true };
  return { old, now };
};

const versionIn = (file: string): string => {
  if (!existsSync(file)) throw new UsageError(`--at compares two files, and there is no file ${file}`);
  if (statSync(file).isDirectory()) {
    throw new UsageError(
      `--at compares two files, and ${file} is a directory: run git difftool without --dir-diff`,
    );
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read: check its permissions`);
  }
};

const read = async (
  operand: MachineOperand,
  which: 'old' | 'new',
  flags: MachineFlags,
): Promise<ChartVersion | NoMachine> => {
  try {
    return await readFile(operand, true, flags);
  } catch (error) {
    if (error instanceof NoMachine) return error;
    if (error instanceof UsageError) throw new UsageError(`${which} version: ${error.message}`);
    throw error;
  }
};

/** As modules are known: without symbolic links, as far as the path exists. */
const realPathOf = (path: string): string => {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return folder === path ? path : join(realPathOf(folder), basename(path));
};
