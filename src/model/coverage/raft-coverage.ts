import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { walk } from '../../diagram/walk.ts';
import { type Assessment, assess } from './assessment.ts';
import { Coverage } from './coverage.ts';
import { gatherEvidence } from './evidence.ts';
import { type Exclusions, exclusionsOf } from './exclusions.ts';
import { raftClaims, raftInputs } from './raft-claims.ts';
import { type Universe, universeOf } from './universe.ts';

/** The coverage of the role chart, or of a changed copy of it, ready to be filled. */
export class RaftCoverage {
  readonly universe: Universe;
  readonly exclusions: Exclusions;
  /** Where paths, traces and simulations are recorded. */
  readonly record: Coverage;

  constructor(machine: typeof raftMachine = raftMachine) {
    this.universe = universeOf(walk(machine));
    this.exclusions = exclusionsOf(this.universe, {
      inputs: raftInputs,
      claims: raftClaims,
      evidence: gatherEvidence(machine),
    });
    this.record = new Coverage(this.universe);
  }

  assess(): Assessment {
    return assess(this.universe, this.exclusions, this.record.walked());
  }
}
