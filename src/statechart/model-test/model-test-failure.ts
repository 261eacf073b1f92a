import { wordsOf } from '../paths/machine-steps.ts';
import { eventWords } from '../paths/machine-walk.ts';
import type { ModelStep } from '../paths/model-path.ts';

/** The system, or the machine, does not do as a path says. Its cause is what an assertion or an event threw. */
export class ModelTestFailed extends Error {
  override readonly name = 'ModelTestFailed';
  /** What happened up to there, the failing event last. */
  readonly steps: readonly ModelStep[];

  constructor(what: string, steps: readonly ModelStep[], cause?: unknown) {
    const reason = cause === undefined ? '' : `: ${wordsOf(cause)}`;
    super(`${what}${reason}${sequenceOf(steps)}`, cause === undefined ? {} : { cause });
    this.steps = steps;
  }
}

const sequenceOf = (steps: readonly ModelStep[]): string =>
  steps.length === 0
    ? ' (at the start)'
    : `\n${steps.map((step, at) => `  ${at + 1}. ${stepWords(step)}`).join('\n')}`;

/** A step in a line: `after 1000 ms, press (by: 2) → lit.dim`. */
export const stepWords = ({ event, waitMs, state }: ModelStep): string =>
  `${waitMs > 0 ? `after ${waitMs} ms, ` : ''}${eventWords(event)} → ${state}`;
