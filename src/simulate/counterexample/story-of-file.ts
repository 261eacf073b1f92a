import type { BrokenRule } from '../broken/broken-rules.ts';
import { parsePlan, UnusablePlan } from '../parse-plan.ts';
import type { Plan } from '../plan.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { failureOf, type ShrinkOptions } from '../shrink.ts';
import { TellingFailures } from './telling-failures.ts';

/** Whether a file is JSON, and so no story. */
export const isFailureFile = (text: string): boolean => text.trimStart().startsWith('{');

/**
 * The story of a failing plan, as `raftchart simulate` writes it to `plan.json`, on nodes that break a rule or none: it plays up to the violation.
 * Throws `StoryUnusable`, with one line, for what is no such file and for a plan that violates nothing.
 */
export const storyOfFile = async (text: string, broken: BrokenRule | null): Promise<string> => {
  if (text.includes('"raftchart-schedule"')) {
    throw new StoryUnusable(
      'no story tells a counterexample of raftchart explore: play it with raftchart simulate --replay',
    );
  }
  return storyOfFailingPlan(planIn(text), broken);
};

const planIn = (text: string): Plan => {
  try {
    return parsePlan(text);
  } catch (error) {
    if (!(error instanceof UnusablePlan)) throw error;
    throw new StoryUnusable(`this is no plan of raftchart simulate: ${error.message}`);
  }
};

const storyOfFailingPlan = async (plan: Plan, broken: BrokenRule | null): Promise<string> => {
  const options: ShrinkOptions = {
    maxEvents: Number.POSITIVE_INFINITY,
    targetWeight: 0,
    simulation: broken?.replacements ?? {},
  };
  const telling = new TellingFailures(broken);
  const told = await failureOf(plan, { ...options, onlySafety: true, fits: (each) => telling.take(each) });
  if (told !== null) return telling.storyOf(told);
  if (telling.misfits === 0) {
    const later = await failureOf(plan, options);
    throw new StoryUnusable(
      later === null
        ? `the plan violates nothing ${broken === null ? 'here' : `with ${broken.name} broken`}: choose the rule that its nodes break, or open it with the raftchart that wrote it`
        : `the plan violates ${later.violation.property}, which shows only once a run has ended: replay it with raftchart simulate --plan`,
    );
  }
  throw new StoryUnusable(
    `the plan violates a safety property, but no story tells it: ${telling.reason}; replay it with raftchart simulate --plan`,
  );
};
