import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/model/explorer/checkpoint-file.ts';

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
});
