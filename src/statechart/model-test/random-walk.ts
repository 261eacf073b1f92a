import type { Arbitrary } from 'fast-check';
import type { EventObject } from 'xstate';
import type { MachineStep, MachineSteps } from '../paths/machine-steps.ts';
import { StepFailed } from '../paths/machine-steps.ts';
import type { ModelStep } from '../paths/model-path.ts';
import { type Offer, type OfferFilter, offersIn } from '../paths/offers.ts';
import type { PayloadArbitrary, SampleSource } from '../paths/samples.ts';
import type { PathRun } from './path-run.ts';

/** Its default export. */
type FastCheck = typeof import('fast-check').default;

/** One random choice: an event of this type, if it can happen when its turn comes. */
export interface Choice {
  readonly type: string;
  /** Which of the samples of the type, counted round; or else `payload`. */
  readonly sample: number;
  readonly payload: object | null;
}

const maxChoices = 40;

/** Sequences of choices, which shrink to fewer and simpler ones. `types`: all that can ever happen. */
export const choicesArbitrary = (
  fc: FastCheck,
  types: readonly string[],
  arbitraries: ReadonlyMap<string, PayloadArbitrary>,
): Arbitrary<readonly Choice[]> => {
  const choiceOf = (type: string): Arbitrary<Choice> => {
    const own = arbitraries.get(type) as Arbitrary<object> | undefined;
    const payload: Arbitrary<object | null> = own ?? fc.constant(null);
    return fc.record({
      type: fc.constant(type),
      sample: own === undefined ? fc.nat(9) : fc.constant(0),
      payload,
    });
  };
  return fc.array(fc.oneof(...types.map(choiceOf)), { maxLength: maxChoices, size: 'max' });
};

/** Takes each choice that is possible when its turn comes. */
export const walkRandomly = async <System>(
  run: PathRun<System>,
  choices: readonly Choice[],
  steps: MachineSteps,
  samples: SampleSource,
  filter: OfferFilter,
): Promise<void> => {
  await run.check();
  for (const { type, sample, payload } of choices) {
    const state = run.state;
    const offers = offersIn(state, samples).filter((offer) => offer.event.type === type && filter(offer));
    const offer = offers[sample % Math.max(1, offers.length)];
    if (offer === undefined || (run.isBetween && offer.timer === null)) continue;
    const event: EventObject = payload === null ? offer.event : Object.assign({ type }, payload, { type });
    const step = triedStep(steps, run, { ...offer, event });
    // Its guard or an assign throws on it: that is the machine's own affair.
    if (step !== null) await run.follow(step);
  }
};

const triedStep = <System>(
  steps: MachineSteps,
  run: PathRun<System>,
  { event, timer }: Offer,
): ModelStep | null => {
  const waitMs = timer === null ? 0 : run.waitFor(timer);
  if (waitMs === null) return null;
  let next: MachineStep;
  try {
    next = timer === null ? steps.take(run.state, event) : steps.fire(run.state, timer);
  } catch (error) {
    if (error instanceof StepFailed) return null;
    throw error;
  }
  return {
    event,
    isTimer: timer !== null,
    waitMs,
    state: next.next.name,
    transitions: next.taken.flatMap(({ transitions }) => transitions),
  };
};
