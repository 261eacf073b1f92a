import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each(['tcp', 'http', 'tls'])(
  'a node with %s outlives malformed frames and requests, and its state stays as it was',
  async (transport) => {
    // The long form is `npm run fuzz`; it exits with 1 if the node died or changed.
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/fuzz.ts', '500', transport]);
    expect(stdout).toContain('node1 is alive; term, commit and applied before: 0 0 0, after: 0 0 0');
  },
);
