import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  probeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/verify/explore/checkpoint-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-checkpoint-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = join(directory, 'some.checkpoint');
const checkpoint = {
  header: { version: 1, options: { nodes: 3 } },
  arrays: {
    words: Uint32Array.of(7, 0xffff_ffff),
    none: new Int32Array(0),
    numbers: Int32Array.of(-1, 2, 3),
  },
};

describe('checkpoint file', () => {
  it('gives back its header and its arrays, and leaves no other file behind', () => {
    writeCheckpoint(file, checkpoint);
    expect(readCheckpoint(file)).toEqual(checkpoint);
    expect(readdirSync(directory)).toEqual(['some.checkpoint']);
  });

  it('is replaced as a whole', () => {
    writeCheckpoint(file, checkpoint);
    writeCheckpoint(file, { header: 2, arrays: {} });
    expect(readCheckpoint(file)).toEqual({ header: 2, arrays: {} });
  });

  it('is refused in one line wherever it is cut off', () => {
    writeCheckpoint(file, checkpoint);
    const bytes = readFileSync(file);
    const torn = join(directory, 'torn');
    for (let length = 0; length < bytes.length; length += 3) {
      writeFileSync(torn, bytes.subarray(0, length));
      expect(() => readCheckpoint(torn), `${length} bytes`).toThrow(/^it is [^\n]+$/);
    }
  });

  it('is refused in one line whichever byte is damaged', () => {
    writeCheckpoint(file, checkpoint);
    const bytes = readFileSync(file);
    const damaged = join(directory, 'damaged');
    for (let at = 0; at < bytes.length; at++) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << (at & 7);
      writeFileSync(damaged, copy);
      expect(() => readCheckpoint(damaged), `byte ${at}`).toThrow(/^it is [^\n]+$/);
    }
  });

  it('that cannot be renamed into its place leaves no file behind', () => {
    const taken = join(directory, 'taken');
    mkdirSync(join(taken, 'inside'), { recursive: true });
    const before = readdirSync(directory);
    expect(() => writeCheckpoint(taken, checkpoint)).toThrow(/^E[A-Z]+: /);
    expect(readdirSync(directory)).toEqual(before);
  });

  it('that cannot be written to its end leaves no file behind', () => {
    const before = readdirSync(directory);
    const broken = { header: 0n, arrays: {} };
    expect(() => writeCheckpoint(file, broken)).toThrow(/BigInt/);
    expect(readdirSync(directory)).toEqual(before);
  });
});

describe('probe of a checkpoint file', () => {
  it('finds nothing wrong with a new name, nor with a checkpoint, and changes neither', () => {
    writeCheckpoint(file, checkpoint);
    const before = readdirSync(directory);
    probeCheckpoint(file);
    probeCheckpoint(join(directory, 'new.checkpoint'));
    expect(readdirSync(directory)).toEqual(before);
    expect(readCheckpoint(file)).toEqual(checkpoint);
  });

  it.each([
    ['is a directory', directory, /^there is a directory of this name$/],
    ['is a device, which a rename would replace', '/dev/null', /^there is a device or pipe of this name$/],
    ['lies in no directory', join(directory, 'nowhere', 'x'), /^ENOENT/],
    ['lies behind a file', join(file, 'x'), /^ENOTDIR/],
    // Not even root creates a file there.
    ['lies in a directory that takes no files', '/proc/x', /^E[A-Z]+: /],
    // There is room for the name, but not for that of the file beside it.
    ['has a name that leaves no room', join(directory, 'x'.repeat(255)), /^ENAMETOOLONG/],
  ])('refuses one that %s', (_, path, message) => {
    writeCheckpoint(file, checkpoint);
    expect(() => probeCheckpoint(path)).toThrow(message);
  });
});
