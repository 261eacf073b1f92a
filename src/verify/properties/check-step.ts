import type { Violation } from '../../trace/violation.ts';
import { committedOnMajority } from './committed-on-majority.ts';
import { configurationSafety } from './configuration-safety.ts';
import { durableBeforePromised } from './durable-before-promised.ts';
import { electionSafety } from './election-safety.ts';
import { nextHistory } from './history.ts';
import { leaderAppendOnly } from './leader-append-only.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { localInvariants } from './local-invariants.ts';
import { logMatching } from './log-matching.ts';
import { neverBack } from './never-back.ts';
import { noFalseReport } from './no-false-report.ts';
import type { ClusterView, Property } from './property.ts';
import { readSafety } from './read-safety.ts';
import { snapshotSafety } from './snapshot-safety.ts';
import { stateMachineSafety } from './state-machine-safety.ts';
import type { NodeView, Step } from './view.ts';

/** Every safety property. Each looks only at what a step touched, so that all of them together cost far less than the step itself. */
export const properties = {
  // First: the others may rely on what a log is.
  localInvariants,
  electionSafety,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  stateMachineSafety,
  snapshotSafety,
  neverBack,
  durableBeforePromised,
  committedOnMajority,
  configurationSafety,
  readSafety,
  noFalseReport,
} as const satisfies Record<string, Property>;

const all: readonly Property[] = Object.values(properties);

/** The view once `step` has changed its node to `node`; the other nodes stay as they are, and the history changes only by what follows from the step. */
export const nextView = (before: ClusterView, step: Step, node: NodeView): ClusterView => {
  const nodes = before.nodes.map((each) => (each.id === node.id ? node : each));
  return { nodes, history: nextHistory(before.history, step, nodes) };
};

/** The first property that `step` breaks. */
export const checkStep = (before: ClusterView, step: Step, after: ClusterView): Violation | null => {
  for (const property of all) {
    const found = property(before, step, after);
    if (found !== null) return found;
  }
  return null;
};
