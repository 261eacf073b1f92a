import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { DiskImage } from './fake-disk.ts';

/** The nodes whose directories are in test/fixtures/format-1. */
export type FixtureNode = 1 | 2;

const filesOf = (node: FixtureNode): readonly (readonly [name: string, bytes: Uint8Array])[] => {
  const directory = fileURLToPath(new URL(`../../fixtures/format-1/raft-${node}`, import.meta.url));
  return fs.readdirSync(directory).map((name) => {
    const bytes = fs.readFileSync(join(directory, name));
    return name.endsWith('.gz') ? [name.slice(0, -'.gz'.length), gunzipSync(bytes)] : [name, bytes];
  });
};

/** Puts the data directory that raftchart 0.1.0 wrote for `node` into `directory`. */
export const unpackFormat1 = (node: FixtureNode, directory: string): void => {
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of filesOf(node)) fs.writeFileSync(join(directory, name), bytes);
};

/** The same on a disk in memory. */
export const format1Image = (node: FixtureNode, directory: string): DiskImage => {
  const files = filesOf(node);
  return {
    names: new Map(files.map(([name], at) => [`${directory}/${name}`, at + 1])),
    contents: new Map(files.map(([, bytes], at) => [at + 1, new Uint8Array(bytes)])),
  };
};
