import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/verify/explore/checkpoint-file.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import type { Exploration, ExplorerParts } from '../../../src/verify/explore/exploration.ts';
import { explorationOf } from '../../../src/verify/explore/explore.ts';
import { mutualRefusal, votesTwice } from './broken-charts.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-resume-'));
afterAll(() => rmSync(directory, { recursive: true }));

const small: ExploreOptions = {
  nodes: 2,
  spares: 0,
  maxTerm: 1,
  maxLog: 1,
  messages: 2,
  loss: true,
  duplicates: false,
  crashes: 1,
  transfers: 0,
  reads: 0,
  snapshots: 0,
  reconfigurations: 0,
  disk: 'prompt',
};

const stopped = (options: ExploreOptions, parts: ExplorerParts, every: number): Exploration => {
  const file = join(directory, 'checkpoint');
  let explorer = explorationOf(options, parts);
  while (explorer.advance(every) === null) {
    writeCheckpoint(file, explorer.save());
    explorer = explorationOf(options, parts, readCheckpoint(file));
  }
  return explorer;
};

const whole = (options: ExploreOptions, parts: ExplorerParts): Exploration => {
  const explorer = explorationOf(options, parts);
  explorer.advance(Number.POSITIVE_INFINITY);
  return explorer;
};

describe('an exploration that is stopped and resumed', () => {
  const cases: readonly (readonly [string, ExploreOptions, ExplorerParts])[] = [
    ['exhausts the same space', small, {}],
    ['exhausts it without symmetry', { ...small, crashes: 0, loss: false }, { symmetry: false }],
    ['finds the same violation', { ...small, nodes: 3, crashes: 0, loss: false }, { machine: votesTwice }],
    ['exhausts a network that keeps all messages', { ...small, duplicates: true }, {}],
    ['finds the same stuck state', { ...small, crashes: 0, loss: false }, { machine: mutualRefusal }],
  ];
  for (const [name, options, parts] of cases) {
    it(`${name}, with the same figures`, () => {
      const inOneGo = whole(options, parts);
      const often = stopped(options, parts, 301);
      const { bytes: _, ...figures } = often.figures;
      expect(inOneGo.figures).toMatchObject(figures);
      expect(often.end).toEqual(inOneGo.end);
    });
  }
});
