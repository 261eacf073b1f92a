import { type Stats, statSync } from 'node:fs';

/** What is at `path`; null for nothing, and for what cannot be looked at, such as a path through a file. */
export const statsOf = (path: string): Stats | null => {
  try {
    return statSync(path);
  } catch {
    return null;
  }
};
