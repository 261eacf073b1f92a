import { momentsOf } from './moments.ts';
import type { Effect } from './operation.ts';
import type { Step } from './steps.ts';

/** A step that certainly took effect, with its slot in the bit sets while it is open. */
export interface CertainStep {
  readonly effect: Effect;
  readonly returnsAt: number;
  readonly bit: bigint;
}

export type Moment =
  | { readonly type: 'openEnded'; readonly position: number; readonly effect: Effect }
  | { readonly type: 'invoked'; readonly position: number; readonly step: CertainStep }
  | { readonly type: 'returned'; readonly position: number; readonly step: CertainStep };

/** The invocations and returns of `steps`, in order of position. */
export const timelineOf = (steps: readonly Step[]): readonly Moment[] => {
  const open = new Map<Step, CertainStep>();
  return momentsOf(steps).map(({ item: step, position, isReturn, slot }): Moment => {
    if (isReturn) return { type: 'returned', position, step: open.get(step)! };
    const { effect, returnsAt } = step;
    if (returnsAt === Number.POSITIVE_INFINITY) return { type: 'openEnded', position, effect };
    const certain = { effect, returnsAt, bit: 1n << BigInt(slot) };
    open.set(step, certain);
    return { type: 'invoked', position, step: certain };
  });
};
