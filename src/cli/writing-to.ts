import { UsageError } from './usage-error.ts';

/** Runs `write`, which writes to `file`. Throws `UsageError` if that fails. */
export const writingTo = (file: string, write: () => void): void => {
  try {
    write();
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
};
