import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { NodeModel } from './model-node.ts';
import type { Expectation, Path } from './path.ts';

/** The first step of a path that did not do what it must. */
export interface Mismatch {
  /** Position in `path.steps`, from 0 on. */
  readonly step: number;
  readonly expected: Expectation;
  /** What it did; an error that was thrown instead. */
  readonly actual: Expectation | Error;
}

/** Walks a path through a chart, which may be a broken one; null: every step is as expected. */
export const replay = (path: Path, machine?: typeof raftMachine): Mismatch | null => {
  const model = new NodeModel(path, machine);
  let at = 0;
  try {
    let { node } = model.start();
    for (; at < path.steps.length; at++) {
      const { event, expect } = path.steps[at]!;
      const step = model.take(node, event);
      if (!isDeepStrictEqual(step.expect, expect)) return { step: at, expected: expect, actual: step.expect };
      node = step.node;
    }
  } catch (error) {
    return { step: at, expected: path.steps[at]!.expect, actual: error as Error };
  }
  return null;
};
