import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { NodeModel } from './model-node.ts';
import type { Expectation, Path, PathTransition } from './path.ts';

/** What a step did, and through which branches of the chart, as `ruleOf` names them. */
export interface Replayed extends Expectation {
  readonly rules: readonly string[];
}

/** The first step of a path that did not do what it should, or did it by another rule. */
export interface Mismatch {
  /** Position in `path.steps`, from 0 on. */
  readonly step: number;
  readonly expected: Replayed;
  /** What it did, or the error that was thrown instead. */
  readonly actual: Replayed | Error;
}

/** Walks a path through a chart, which may be broken; null: every step is as expected, and so are the rules applied. */
export const replay = (path: Path, machine?: typeof raftMachine): Mismatch | null => {
  const model = new NodeModel(path, machine);
  let at = 0;
  try {
    let { node } = model.start();
    for (; at < path.steps.length; at++) {
      const expected = replayedOf(path.steps[at]!);
      const step = model.take(node, path.steps[at]!.event);
      const actual = replayedOf(step);
      if (!isDeepStrictEqual(actual, expected)) return { step: at, expected, actual };
      node = step.node;
    }
  } catch (error) {
    return { step: at, expected: replayedOf(path.steps[at]!), actual: error as Error };
  }
  return null;
};

const replayedOf = ({
  expect,
  transitions,
}: {
  readonly expect: Expectation;
  readonly transitions: readonly PathTransition[];
}): Replayed => ({ ...expect, rules: transitions.map(ruleOf) });

/** A branch by its content, not its number: one that has moved within its list is still the same rule. */
const ruleOf = ({ id, state, guard, rule }: PathTransition): string =>
  `${id.replace(/\/\d+$/, '')} ${guard ?? 'otherwise'} in ${state} (${rule ?? 'no source'})`;
