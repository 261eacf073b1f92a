import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { type Replayed, replay } from '../../../src/verify/paths/replay.ts';
import { ladder } from './ladder.ts';

/** What gives a broken chart away to the generated paths: the first step that differs, in words; null: none does. */
export const foundByPaths = (paths: readonly Path[], machine: typeof raftMachine): string | null => {
  for (const path of paths) {
    const mismatch = replay(path, machine);
    if (mismatch === null) continue;
    const { step, expected, actual } = mismatch;
    const found =
      actual instanceof Error ? `${actual.name}: ${actual.message}` : firstDifference(expected, actual);
    return `${path.id}, step ${step + 1}: ${found}`;
  }
  return null;
};

const firstDifference = (expected: Replayed, actual: Replayed): string => {
  for (const [name, value] of Object.entries(expected)) {
    const other = actual[name as keyof Replayed];
    if (!isDeepStrictEqual(value, other)) {
      return `${name} is ${JSON.stringify(other)}, expected ${JSON.stringify(value)}`;
    }
  }
  return 'no difference';
};

/** What gives a broken chart away to the explorer, in the first cluster of the ladder that shows it; null: none does. */
export const foundByExplorer = (machine: typeof raftMachine): string | null => {
  for (const { options, states } of ladder) {
    const explored = explore(options, { machine, limits: { states } });
    if (explored.outcome === 'exhausted' || explored.outcome === 'limit') continue;
    const { nodes, maxTerm, maxLog } = options;
    const where = `${nodes} nodes, term ≤ ${maxTerm}, log ≤ ${maxLog}, ${explored.schedule.length} events`;
    const what =
      explored.outcome === 'stuck'
        ? 'stuck'
        : `${explored.violation.property}: ${explored.violation.message}`;
    return `${where}: ${what}`;
  }
  return null;
};
