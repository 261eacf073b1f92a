import { accessSync, closeSync, constants, openSync, rmSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import { UsageError } from '../usage-error.ts';
import { writingTo } from '../writing-to.ts';

/** A file that a flag names. */
export interface OutputFile {
  /** `--json` */
  readonly flag: string;
  readonly file: string;
}

/** Throws `UsageError` where one of them cannot be written, or two are one: that is known before anything long begins. `directory` is made. */
export const checkOutputs = (files: readonly OutputFile[], directory: OutputFile | null): void => {
  const seen = new Map<string, string>();
  for (const { flag, file } of directory === null ? files : [...files, directory]) {
    if (file === '-' || file === '')
      throw new UsageError(`${flag}: expected the name of a file, got "${file}"`);
    const other = seen.get(resolve(file));
    if (other !== undefined) throw new UsageError(`${other} and ${flag} both name ${file}`);
    seen.set(resolve(file), flag);
  }
  if (directory !== null) {
    writingTo(directory.file, () => {
      makeDirectory(directory.file);
      accessSync(directory.file, constants.W_OK);
    });
  }
  for (const { file } of files) writingTo(file, () => probe(file));
};

/** Leaves everything as it was. A pipe is left alone: to open it may wait for its reader, and to close it ends what that reads. */
const probe = (file: string): void => {
  const found: Stats | undefined = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return;
  closeSync(openSync(file, found === undefined ? 'wx' : 'r+'));
  if (found === undefined) rmSync(file);
};
