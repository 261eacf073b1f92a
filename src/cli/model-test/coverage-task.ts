import type { AnyStateMachine, EventObject } from 'xstate';
import { type Assessment, assess, isWhole } from '../../statechart/coverage/assessment.ts';
import { coverageJson, coverageLines } from '../../statechart/coverage/coverage-text.ts';
import { checkEventTypes } from '../../statechart/model-test/event-types.ts';
import { ModelTestUnfit } from '../../statechart/model-test/model-test-options.ts';
import { MachineSteps, StepFailed } from '../../statechart/paths/machine-steps.ts';
import { machineUniverse } from '../../statechart/paths/machine-universe.ts';
import { MachineWalk } from '../../statechart/paths/machine-walk.ts';
import { shadedChart } from '../../statechart/paths/shaded-chart.ts';
import { walk } from '../../statechart/read/walk.ts';
import { isOwnEvent } from '../../statechart/read/xstate-internals.ts';
import type { TaskTools } from '../machine/machine-task.ts';
import { UsageError } from '../usage-error.ts';
import { asUsage } from './model-module.ts';
import { notReachedPart } from './not-reached.ts';
import { type SearchRequest, search } from './paths-task.ts';

/** Events that happened one after another, from a start of the machine. */
export interface RecordedSequence {
  /** Where it stands, for messages. */
  readonly place: string;
  readonly input?: unknown;
  readonly events: readonly EventObject[];
}

export interface CoverageRequest extends SearchRequest {
  /** Recorded ones; null: those of generated paths. */
  readonly sequences: readonly RecordedSequence[] | null;
  readonly format: 'text' | 'json';
  readonly isVerbose: boolean;
  readonly hasPictures: boolean;
}

export interface CoverageAnswer {
  readonly text: string;
  readonly isWhole: boolean;
  /** Whether some answer of a guard was never seen. */
  readonly lacksAnswers: boolean;
  readonly pairs: { readonly walked: number; readonly reachable: number };
  readonly pictures: Readonly<Record<'light' | 'dark', string>> | null;
}

/** Task `coverage`: what generated paths or recorded events walk of a machine. */
export const coverageTask = (
  machine: AnyStateMachine,
  request: CoverageRequest,
  { report }: TaskTools,
): Promise<CoverageAnswer> =>
  asUsage(async () => {
    const { sequences, format, isVerbose, hasPictures } = request;
    const found = sequences === null ? await search(machine, request, report) : null;
    const assessment = found?.assessment ?? recorded(machine, sequences!);
    const text =
      format === 'json'
        ? coverageJson(assessment)
        : `${coverageLines(assessment, { verbose: isVerbose }).join('\n')}\n${found === null ? '' : notReachedPart(found)}`;
    const chart = walk(machine);
    return {
      text,
      isWhole: isWhole(assessment),
      lacksAnswers: assessment.unwalked.guards.length > 0,
      pairs: assessment.rows.at(-1)!.pairs,
      pictures: hasPictures
        ? {
            light: await shadedChart(chart, assessment, 'light'),
            dark: await shadedChart(chart, assessment, 'dark'),
          }
        : null,
    };
  });

/** An event that the type of a running timer has makes it fire. */
const recorded = (machine: AnyStateMachine, sequences: readonly RecordedSequence[]): Assessment => {
  const chart = walk(machine);
  const universe = machineUniverse(chart);
  const steps = new MachineSteps(machine);
  const walked = new MachineWalk(universe);
  for (const { place, input, events } of sequences) {
    walked.begin();
    try {
      // What XState tells a machine of its own accord may be none of its business.
      checkEventTypes(
        chart,
        events.map(({ type }) => type).filter((type) => !isOwnEvent(type)),
      );
      let step = steps.start(input);
      walked.add(step.taken, step.next.name);
      for (const event of events) {
        const state = step.next;
        const timer = state.timers.find((each) => each.event.type === event.type);
        step = timer === undefined ? steps.take(state, event) : steps.fire(state, timer);
        walked.add(step.taken, step.next.name);
      }
    } catch (error) {
      if (error instanceof ModelTestUnfit) throw new UsageError(`${place}: ${error.message}`);
      if (error instanceof StepFailed)
        throw new UsageError(`${place}: the machine fails on it: ${error.message}`);
      throw error;
    }
  }
  return assess(universe.universe, universe.exclusions, walked.walked());
};
