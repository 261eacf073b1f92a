import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

let text: Uint8Array | null = null;

/** docs/openapi.json of this package, read when it is asked for first; null: it is not there. */
export const openApi = (): Uint8Array | null => {
  text ??= read();
  return text;
};

const read = (): Uint8Array | null => {
  // Found by self-reference, since source and `dist/` lie at different depths.
  const root = dirname(createRequire(import.meta.url).resolve('raftchart/package.json'));
  try {
    return readFileSync(join(root, 'docs/openapi.json'));
  } catch {
    return null;
  }
};
