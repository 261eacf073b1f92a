import { describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { withDecision } from '../../../src/simulate/broken/broken-chart.ts';
import { type Mismatch, type Replayed, replay } from '../../../src/verify/paths/replay.ts';
import { withHandler } from '../../mutants/broken-chart.ts';
import { generatedPaths } from '../generated-paths.ts';

const { paths } = generatedPaths();

const firstMismatch = (machine: typeof raftMachine): Mismatch | null => {
  for (const path of paths) {
    const mismatch = replay(path, machine);
    if (mismatch !== null) return mismatch;
  }
  return null;
};

describe('a replayed path', () => {
  it('differs when a step does the same by another rule than the path names', () => {
    const mismatch = firstMismatch(withHandler('leader', 'AppendEntries', { actions: 'ignore' }))!;
    const { rules: named, ...expected } = mismatch.expected;
    const { rules, ...actual } = mismatch.actual as Replayed;
    expect(actual).toEqual(expected);
    expect(named.at(-1)).toMatch(
      /^raft\.leader\/AppendEntries otherwise in leader\.\{.+\} \(Raft paper §5\.2, Election Safety\)$/,
    );
    expect(rules.at(-1)).toMatch(/^raft\.leader\/AppendEntries otherwise in leader\.\{.+\} \(no source\)$/);
  });

  it('does not differ when a rule stands at another place among its branches', () => {
    const rejects = raftMachine.config.states!.follower!.on!.Proposed;
    // Before it one that never holds: only a leader has a disk to check.
    const branches = [{ guard: 'isDiskStalled', actions: 'ignore' }, rejects];
    expect(firstMismatch(withHandler('follower', 'Proposed', branches))).toBeNull();
  });

  it('differs when entries are to be applied that were before', () => {
    const again = withDecision('acceptAppend', (context, _, { patch, effects }) => ({
      patch,
      effects: [
        ...effects,
        { type: 'apply', params: { lastIndex: patch.commitIndex ?? context.commitIndex } },
      ],
    }));
    expect(firstMismatch(again)?.actual).toMatchObject({
      message: expect.stringContaining('each apply reaches further'),
    });
  });
});
