import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { type Assessment, assess } from '../../statechart/coverage/assessment.ts';
import { exclusionsOf } from '../../statechart/coverage/exclusions.ts';
import type { Evidence } from '../../statechart/coverage/grounds.ts';
import { type Universe, universeOf } from '../../statechart/coverage/universe.ts';
import { walk } from '../../statechart/read/walk.ts';
import { Coverage } from './coverage.ts';
import { raftClaims, raftInputs, raftNotices } from './raft-claims.ts';
import { raftEvidence } from './raft-evidence.ts';

/** The coverage of the role chart, or of a changed copy of it, ready to be filled. */
export class RaftCoverage {
  readonly universe: Universe;
  /** Where paths, traces and simulations are recorded. */
  readonly record: Coverage;
  readonly #machine: typeof raftMachine;

  constructor(machine: typeof raftMachine = raftMachine) {
    this.#machine = machine;
    this.universe = universeOf(walk(machine));
    this.record = new Coverage(this.universe);
  }

  /** Takes a minute unless the `evidence` is there already: the chart is enumerated to prove what is excluded. */
  assess(evidence: Evidence = raftEvidence(this.#machine, this.universe)): Assessment {
    const exclusions = exclusionsOf(this.universe, {
      inputs: raftInputs,
      notices: raftNotices,
      claims: raftClaims,
      evidence,
    });
    return assess(this.universe, exclusions, this.record.walked());
  }
}
