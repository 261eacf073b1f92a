import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Undefined: it has not been asked for. */
let text: Uint8Array | null | undefined;

/** docs/openapi.json of this package, read when it is asked for first; null: it is not there. */
export const openApi = (): Uint8Array | null => {
  if (text === undefined) text = read();
  return text;
};

const read = (): Uint8Array | null => {
  try {
    // Found by self-reference, since source and `dist/` lie at different depths.
    const root = dirname(createRequire(import.meta.url).resolve('raftchart/package.json'));
    return readFileSync(join(root, 'docs/openapi.json'));
  } catch {
    return null;
  }
};
