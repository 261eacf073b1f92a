import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { DiskImage } from './fake-disk.ts';

/** A data directory that an earlier raftchart wrote: its place in test/fixtures. */
export type StoredDirectory = 'format-1/raft-1' | 'format-1/raft-2' | 'format-2/wal' | 'format-2/json';

const filesOf = (stored: StoredDirectory): readonly (readonly [name: string, bytes: Uint8Array])[] => {
  const directory = fileURLToPath(new URL(`../../fixtures/${stored}`, import.meta.url));
  return fs.readdirSync(directory).map((name) => {
    const bytes = fs.readFileSync(join(directory, name));
    return name.endsWith('.br')
      ? [name.slice(0, -'.br'.length), brotliDecompressSync(bytes)]
      : [name.slice(0, -'.gz'.length), gunzipSync(bytes)];
  });
};

/** Puts its files into `directory`. */
export const unpack = (stored: StoredDirectory, directory: string): void => {
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of filesOf(stored)) fs.writeFileSync(join(directory, name), bytes);
};

/** The same on a disk in memory. */
export const imageOfStored = (stored: StoredDirectory, directory: string): DiskImage => {
  const files = filesOf(stored);
  return {
    names: new Map(files.map(([name], at) => [`${directory}/${name}`, at + 1])),
    contents: new Map(files.map(([, bytes], at) => [at + 1, new Uint8Array(bytes)])),
  };
};
