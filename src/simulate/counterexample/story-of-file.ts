import {
  type ExploredChart,
  parseScheduleFile,
  UnusableSchedule,
} from '../../verify/explore/schedule-file.ts';
import { type BrokenRule, brokenRules } from '../broken/broken-rules.ts';
import { parsePlan, UnusablePlan } from '../parse-plan.ts';
import type { Plan } from '../plan.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { failureOf, type ShrinkOptions } from '../shrink.ts';
import { NotTellable } from './story-of-plan.ts';
import { storyOfSchedule } from './story-of-schedule.ts';
import { TellingFailures } from './telling-failures.ts';

/** Whether a file is JSON, and so no story. */
export const isFailureFile = (text: string): boolean => text.trimStart().startsWith('{');

/**
 * The story of a failing plan, as `raftchart simulate` writes it to `plan.json`, or of a counterexample of `raftchart explore`, its `trace.ndjson`, on nodes that
 * break a rule or none (null: that of the counterexample): it plays up to the violation. Throws `StoryUnusable`, with one line, for what is no such file and for one that violates nothing.
 */
export const storyOfFile = async (text: string, broken: BrokenRule | null): Promise<string> =>
  text.includes('"raftchart-schedule"')
    ? storyOfCounterexample(text, broken)
    : storyOfFailingPlan(planIn(text), broken);

const storyOfCounterexample = async (text: string, broken: BrokenRule | null): Promise<string> => {
  try {
    const header = parseScheduleFile(text);
    return await storyOfSchedule(header, broken ?? ruleOf(header.chart));
  } catch (error) {
    if (error instanceof UnusableSchedule)
      throw new StoryUnusable(`this trace cannot be played: ${error.message}`);
    if (!(error instanceof NotTellable)) throw error;
    throw new StoryUnusable(
      `no story tells this counterexample: ${error.message}; replay it with raftchart simulate --replay`,
    );
  }
};

/** The rule that a chart breaks. */
const ruleOf = (chart: ExploredChart): BrokenRule | null => {
  if (chart === null) return null;
  const found = 'broken' in chart ? brokenRules.find(({ name }) => name === chart.broken) : undefined;
  if (found !== undefined) return found;
  if ('broken' in chart)
    throw new StoryUnusable(
      `there is no rule ${JSON.stringify(chart.broken)} to break: open it with the raftchart that wrote it`,
    );
  throw new NotTellable('it is of a chart that does not come with raftchart');
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
