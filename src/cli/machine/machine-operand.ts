import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

/** Which machine a command is asked for: a module, and which of its machines. */
export interface MachineOperand {
  /** Absolute. */
  readonly path: string;
  /** An export, or a path into one such as `machines.checkout`; null for the only machine of the module. */
  readonly name: string | null;
  /** The module as the person wrote it: what messages call it. */
  readonly label: string;
  /** What stands in the module, where that is not what its file holds; the file need not exist. */
  readonly text?: string;
}

/** What Node.js, Vite and tsx call a module of code. */
const extensions = ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'];

/**
 * Reads `FILE` or `FILE#NAME`; `exportName` is what `--export` says. A file whose own name has a `#` is found first. Throws
 * `UsageError` for what is no module that can be read.
 */
export const parseMachineOperand = (text: string, exportName?: string): MachineOperand => {
  const { label, name } = splitOperand(text);
  if (name !== null && exportName !== undefined && name !== exportName) {
    throw new UsageError(
      `${text} names one export and --export another: ${exportName}; leave one of them out`,
    );
  }
  const operand = { path: resolve(label), label, name: name ?? exportName ?? null };
  checkModule(operand.path, label);
  return operand;
};

/** The file and the name of an operand: the longest part before a `#` that exists, or all before the last one. */
export const splitOperand = (
  text: string,
  exists: (path: string) => boolean = existsSync,
): { readonly label: string; readonly name: string | null } => {
  if (exists(text)) return { label: text, name: null };
  if (text === '') throw new UsageError('an empty text names no machine: expected FILE or FILE#NAME');
  const marks = [...text.matchAll(/#/g)].map(({ index }) => index).toReversed();
  const mark = marks.find((at) => exists(text.slice(0, at))) ?? marks[0];
  if (mark === undefined || mark === 0) return { label: text, name: null };
  const name = text.slice(mark + 1);
  if (name === '') throw new UsageError(`${text} names no export after its #: leave the # out, or name one`);
  return { label: text.slice(0, mark), name };
};

/** Throws `UsageError` unless there is a module at `path` that can be read; `label` is what the message calls it. */
export const checkModule = (path: string, label: string): void => {
  const stats = statOf(path, label);
  if (stats.isDirectory()) throw new UsageError(`${label} is a directory: name the file of a module in it`);
  if (!stats.isFile()) throw new UsageError(`${label} is not a file that can be loaded: name a module`);
  if (!isModulePath(path)) {
    throw new UsageError(
      `${label} is not a module: expected a file that ends with ${extensions.slice(0, -1).join(', ')} or ${extensions.at(-1)}`,
    );
  }
  if (stats.size === 0) throw new UsageError(`${label} is empty: export a machine from it`);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new UsageError(`${label} cannot be read: check its permissions`);
  }
};

/** Whether a file is code by its name. */
export const isModulePath = (path: string): boolean => extensions.includes(extname(path).toLowerCase());

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no file {label}',
  ENOTDIR: 'there is no file {label}: a part of the path is a file, not a directory',
  ELOOP: '{label} cannot be read: its symbolic links form a loop',
  EACCES: '{label} cannot be read: check the permissions of its directory',
  ENAMETOOLONG: 'there is no file of such a long name',
};

/** Throws `UsageError` where nothing can be found out. */
export const statOf = (path: string, label: string): Stats => {
  try {
    return statSync(path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      (reasons[code] ?? `{label} cannot be read: ${message}`).replace('{label}', () => label),
    );
  }
};
