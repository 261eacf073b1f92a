import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { keptEvidence } from '../../../src/cli/coverage/kept-evidence.ts';
import { enumerate } from '../../../src/statechart/coverage/enumeration.ts';
import { universeOf } from '../../../src/statechart/coverage/universe.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { raftEvidence } from '../../../src/verify/coverage/raft-evidence.ts';
import { raftSpace } from '../../../src/verify/coverage/raft-space.ts';

vi.mock('../../../src/verify/coverage/raft-evidence.ts', { spy: true });

const directory = mkdtempSync(join(tmpdir(), 'raftchart-kept-evidence-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('evidence that is kept is that which was enumerated', () => {
  const bounds = {
    voters: 1,
    maxTerm: 1,
    maxLog: 1,
    asks: 'reads',
    isTimed: false,
    snapshots: false,
  } as const;
  const evidence = enumerate([raftSpace(bounds, universeOf(walk(raftMachine)))]);
  expect(evidence.pairs.size).toBeGreaterThan(0);
  vi.mocked(raftEvidence).mockReturnValueOnce(evidence);
  expect(keptEvidence({ isKept: true, directory })).toBe(evidence);
  const again = keptEvidence({ isKept: true, directory });
  expect(again).not.toBe(evidence);
  expect(again).toStrictEqual(evidence);
  expect(raftEvidence).toHaveBeenCalledTimes(1);
});
