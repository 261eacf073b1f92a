import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../verify/paths/path.ts';
import type { Adapter } from './adapter.ts';
import type { ModelledStep } from './modelled-step.ts';
import { model, type StepInput } from './plan.ts';
import { isPlausible } from './plausible.ts';
import type { Capabilities } from './protocol.ts';
import { type Failure, failuresOf } from './report.ts';
import { type PathResult, runPath } from './run-path.ts';

/** A path that ends with a failing step. */
export interface FailingPath {
  readonly path: Path;
  readonly failure: Failure;
  /** A walk in which it fails so. */
  readonly walk: PathResult;
}

export interface ShrinkOptions {
  /** When to be content with what there is. */
  readonly isOver?: () => boolean;
  /** How often each shorter path is tried, since it may fail only now and then. */
  readonly tries?: number;
}

/**
 * The shortest path found that fails as this one does: its beginning up to the failing step, less every step without
 * which correct peers could still say all the rest, and the implementation still fails in the same way.
 */
export const shrink = async (
  adapter: Adapter,
  { path, failure, walk }: FailingPath,
  has: Capabilities,
  { isOver = () => false, tries = 1 }: ShrinkOptions = {},
): Promise<FailingPath> => {
  const failing = { signature: failure.signature, isAfter: failure.at === path.steps.length };
  let best: FailingPath = { path: { ...path, steps: path.steps.slice(0, failure.at + 1) }, failure, walk };
  // Of a path that no generator made, the most that can be asked is that all its steps stay what they are.
  const isOfPeers = isPlausible(best.path);
  for (
    let size = Math.ceil(best.path.steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = best.path.steps.length - 1 - size; from >= 0; from--) {
      if (isOver()) return best;
      if (from + size >= best.path.steps.length) continue;
      const shorter = without(best.path, from, size, isOfPeers);
      const found = shorter && (await failsAlike(adapter, shorter, failing, has, tries));
      if (found) best = found;
    }
  }
  return best;
};

/** The path without some steps; null: the rest means something else then, or cannot happen. */
const without = (path: Path, from: number, count: number, isOfPeers: boolean): Path | null => {
  const kept = path.steps.filter((_, at) => at < from || at >= from + count);
  const steps = remodel(path, kept);
  if (steps === null) return null;
  const isSame = (step: ModelledStep, at: number) =>
    isDeepStrictEqual(step.transitions.map(idOf), kept[at]!.transitions.map(idOf));
  if (!isOfPeers) return steps.every(isSame) ? { ...path, steps } : null;
  const shorter = { ...path, steps };
  return isSame(steps.at(-1)!, steps.length - 1) && isPlausible(shorter) ? shorter : null;
};

const idOf = ({ id, state }: ModelledStep['transitions'][number]): string => `${state} ${id}`;

const remodel = (path: Path, inputs: readonly StepInput[]): readonly ModelledStep[] | null => {
  try {
    return model(path, inputs).steps;
  } catch {
    // A timer that is not armed there.
    return null;
  }
};

interface Failing {
  readonly signature: string;
  /** It fails at what comes after the path. */
  readonly isAfter: boolean;
}

const failsAlike = async (
  adapter: Adapter,
  path: Path,
  { signature, isAfter }: Failing,
  has: Capabilities,
  tries: number,
): Promise<FailingPath | null> => {
  const last = path.steps.length - (isAfter ? 0 : 1);
  for (let tried = 0; tried < tries; tried++) {
    const walk = await runPath(adapter, path, has);
    const failure = failuresOf(walk).find(({ at }) => at === last);
    if (failure?.signature === signature) return { path, failure, walk };
  }
  return null;
};
