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
  const ends = steps.flatMap((step) => [
    { position: step.invokedAt, step, isReturn: false },
    ...(step.returnsAt === Number.POSITIVE_INFINITY
      ? []
      : [{ position: step.returnsAt, step, isReturn: true }]),
  ]);
  ends.sort((a, b) => a.position - b.position);
  const slots = new Slots();
  const open = new Map<Step, { slot: number; certain: CertainStep }>();
  return ends.map(({ position, step, isReturn }): Moment => {
    if (isReturn) {
      const { slot, certain } = open.get(step)!;
      slots.free(slot);
      return { type: 'returned', position, step: certain };
    }
    if (step.returnsAt === Number.POSITIVE_INFINITY) {
      return { type: 'openEnded', position, effect: step.effect };
    }
    const slot = slots.take();
    const certain = { effect: step.effect, returnsAt: step.returnsAt, bit: 1n << BigInt(slot) };
    open.set(step, { slot, certain });
    return { type: 'invoked', position, step: certain };
  });
};

/** Numbers for open steps, the lowest free one first, so that bit sets stay short. */
class Slots {
  readonly #isTaken: boolean[] = [];

  take(): number {
    const lowest = this.#isTaken.indexOf(false);
    const slot = lowest === -1 ? this.#isTaken.length : lowest;
    this.#isTaken[slot] = true;
    return slot;
  }

  free(slot: number): void {
    this.#isTaken[slot] = false;
  }
}
