import { beforeAll, describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { raftSetup } from '../../../machines/raft/raft.setup.ts';
import type { Assessment } from '../../../src/statechart/coverage/assessment.ts';
import { coverageLines } from '../../../src/statechart/coverage/coverage-text.ts';
import type { Evidence } from '../../../src/statechart/coverage/grounds.ts';
import { RaftCoverage } from '../../../src/verify/coverage/raft-coverage.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { generatedPaths } from '../generated-paths.ts';
import { raftProof } from '../raft-proof.ts';

let paths: readonly Path[];
let plain: Assessment;
/** Of the chart as it is. */
let proof: Evidence;
beforeAll(() => {
  paths = generatedPaths().paths;
  proof = raftProof();
  plain = assessmentOf();
}, 400_000);

const assessmentOf = (machine?: typeof raftMachine) => {
  const coverage = new RaftCoverage(machine);
  for (const path of paths) coverage.record.addPath(path);
  return coverage.assess(proof);
};

describe('the generated paths', () => {
  it('walk every transition of the role chart in every state, and each guard both ways', () => {
    const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
    process.stdout.write(
      `\n${paths.length} generated paths, ${steps} steps\n\n${coverageLines(plain, { verbose: false }).join('\n')}\n\n`,
    );
    const { problems, unwalked } = plain;
    expect({ problems, transitions: unwalked.transitions, guards: unwalked.guards }).toEqual({
      problems: [],
      transitions: [],
      guards: [],
    });
  });

  it('fail by name a transition that is added to the chart and that none of them walks', () => {
    const { transitions, guards } = assessmentOf(withTransition).unwalked;
    const before = plain.unwalked;
    const added = 'follower.leased · Proposed · raft.follower.leased/Proposed/0';
    expect(transitions.filter((id) => !before.transitions.includes(id))).toEqual([added]);
    expect(guards.filter((id) => !before.guards.includes(id))).toEqual([`${added} is true`]);
  });
});

interface State {
  readonly on?: object;
  readonly states: Readonly<Record<'leased', State>>;
}

/** The chart in which a leased follower asks something before it turns a command away. */
const withTransition = ((): typeof raftMachine => {
  const { states } = raftMachine.config as unknown as {
    readonly states: Readonly<Record<'follower', State>>;
  };
  const follower = states.follower;
  const leased = follower.states.leased;
  const added = { guard: 'isDiskStalled', actions: 'ignore', description: 'New.', meta: { rule: 'None' } };
  const changed = { ...leased, on: { ...leased.on, Proposed: added } };
  const config = {
    ...raftMachine.config,
    states: { ...states, follower: { ...follower, states: { ...follower.states, leased: changed } } },
  };
  return raftSetup.createMachine(config as never) as unknown as typeof raftMachine;
})();
