import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import { NodeModel } from '../../src/verify/paths/model-node.ts';
import type { ModelStep } from '../../src/verify/paths/modelled-node.ts';
import type { Expectation, PathEvent } from '../../src/verify/paths/path.ts';
import type { GoldenStep, GoldenTree, Outcome } from './golden-tree.ts';

/** A step that does something else than it is expected to. */
export interface Surprise {
  /** Everything that happened, up to this step. */
  readonly events: readonly PathEvent[];
  readonly expected: Outcome;
  /** What it does; an error stopped it. */
  readonly actual: Outcome | Error;
}

/** What came of a tree. */
export interface Played {
  /** The tree with what the node does now. Steps that cannot happen any more are left out, with all that follows. */
  readonly tree: GoldenTree;
  readonly surprises: readonly Surprise[];
  readonly steps: number;
  /** The branches of the chart that were taken, each in its state. */
  readonly branches: ReadonlySet<string>;
}

/** Lets everything in the tree happen to a node of its own. */
export const play = ({ setup, next }: GoldenTree, machine?: typeof raftMachine): Played => {
  const model = new NodeModel(setup, machine);
  const surprises: Surprise[] = [];
  const branches = new Set<string>();
  let steps = 0;
  const playAll = (from: ModelStep, all: readonly GoldenStep[], before: readonly PathEvent[]): GoldenStep[] =>
    all.flatMap(({ event, outcome, next }): GoldenStep[] => {
      const events = [...before, event];
      steps++;
      let to: ModelStep;
      try {
        to = model.take(from.node, event);
      } catch (error) {
        surprises.push({ events, expected: outcome, actual: error as Error });
        return [];
      }
      for (const branch of branchesOf(to)) branches.add(branch);
      const actual = outcomeOf(from.expect, to.expect);
      if (!isDeepStrictEqual(actual, outcome)) surprises.push({ events, expected: outcome, actual });
      return [{ event, outcome: actual, next: playAll(to, next, events) }];
    });
  const played = playAll(model.start(), next, []);
  return { tree: { setup, next: played }, surprises, steps, branches };
};

/** The branches of the chart that a step takes. */
export const branchesOf = ({ transitions }: Pick<ModelStep, 'transitions'>): readonly string[] =>
  transitions.map(({ id, state }) => `${id} in ${state}`);

const outcomeOf = (before: Expectation, { state: _, ...after }: Expectation): Outcome => {
  // What was sent, answered and started in the step before is over.
  const was = { ...before, sent: [], answers: [], timers: [] };
  const changed = Object.entries(after).filter(
    ([key, value]) => !isDeepStrictEqual(value, was[key as keyof Expectation]),
  );
  // As the file has it.
  return JSON.parse(JSON.stringify(Object.fromEntries(changed))) as Outcome;
};
