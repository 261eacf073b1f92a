import { beforeAll, describe, expect, test } from 'vitest';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { generatedPaths } from '../generated-paths.ts';
import { makingMs } from '../made-once.ts';
import { randomPaths } from './random-paths.ts';
import { differenceText, type Walked, walkPaths } from './walk.ts';

/** What a person needs of a failed walk: the first few differences. */
const textOf = ({ differences }: Walked): string => differences.slice(0, 5).map(differenceText).join('\n');

describe('the real node, on a write-ahead log in a directory, over links and frames', () => {
  let paths: readonly Path[];
  beforeAll(() => {
    // Its clock stands still: reads by leases are left to the model.
    paths = generatedPaths().paths.filter(({ settings }) => !settings.leaseReads);
    // Ten seconds of computing; on a machine with much else to do they are long.
  }, makingMs);

  test('does in each step of each generated path what the model does, and starts again from each of its states with what was durable', async () => {
    const walked = await walkPaths(paths, { kills: true });
    expect(textOf(walked)).toBe('');
    expect(walked.killed).toBeGreaterThan(200);
    expect(walked.segmentChanges).toBeGreaterThan(0);
  });

  test('does what the model does on walks of chance, which go deeper, and is killed in each of their states as well', async () => {
    const walked = await walkPaths(randomPaths(20, 60), { kills: true });
    expect(textOf(walked)).toBe('');
    expect(walked.killed).toBeGreaterThan(400);
    expect(walked.segmentChanges).toBeGreaterThan(20);
  });

  test.each([
    'votedForAnother',
    'isLogBehind',
    'isLogMismatch',
    'isVoteCounted',
    'isPersistedInOtherTerm',
  ] as const)('is found out by the generated paths when its guard %s never holds', async (guard) => {
    const broken = raftMachine.provide({ guards: { ...guards, [guard]: () => false } });
    const { differences } = await walkPaths(paths, { machine: broken, kills: false, stopsAtFirst: true });
    expect(differences).not.toEqual([]);
  });

  test('is found out when it is killed if its log forgets the vote (known bug 1)', async () => {
    const forgetful = (storage: Storage): Storage => ({
      ...storage,
      append: (write) => storage.append({ ...write, hardState: { ...write.hardState, votedFor: null } }),
    });
    const { differences } = await walkPaths(paths, { storage: forgetful, kills: true, stopsAtFirst: true });
    expect(differences[0]?.expected).toHaveProperty('hardState');
  });
});
