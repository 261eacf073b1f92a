import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeDirectory } from '../adapters/storage/make-directory.ts';
import { shown } from './machine/load-failure.ts';
import { UsageError } from './usage-error.ts';
import { writingTo } from './writing-to.ts';

/** Writes to a file, or to the standard output, if that is no terminal or the content is text. Says on stderr which directory it had to make for the file. */
export const emit = (content: string | Uint8Array, file: string | undefined): void => {
  if (file === undefined) {
    if (typeof content !== 'string' && process.stdout.isTTY)
      throw new UsageError('a PNG is not for a terminal: write it to a file with -o FILE');
    process.stdout.write(content);
    return;
  }
  writingTo(file, () => {
    const made = makeDirectory(dirname(resolve(file)));
    if (made !== undefined) process.stderr.write(`made the directory ${shown(made)}\n`);
    writeFileSync(file, content);
  });
};
