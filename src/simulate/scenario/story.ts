import { calmPlan, type Plan } from '../plan.ts';
import type { Stage, Staging } from './stage.ts';

/** A scripted run of a whole cluster, told line by line. It lives beside the simulator, so that an installed `raftchart` has it. */
export interface Story extends Staging {
  /** What `raftchart scenario` is given. */
  readonly name: string;
  /** One line, for the list. */
  readonly title: string;
  /** Where to read about it. */
  readonly source: string;
  /** One sentence: what its expectations come to. Printed when all of them have held. */
  readonly moral: string;
  /** The safety property that it ends by violating, as it should; undefined: none. */
  readonly violates?: string;
  tell(stage: Stage): Promise<void>;
}

/** Every message takes as long as every other, and so does every sync: what begins together stays together. */
export const steady = {
  network: { ...calmPlan.network, minDelayMs: 2, maxDelayMs: 2 },
  disk: { minSyncMs: 0.5, maxSyncMs: 0.5 },
} satisfies Partial<Plan>;
