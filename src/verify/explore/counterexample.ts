import type { AnyStateMachine } from 'xstate';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import type { Violation } from '../../trace/violation.ts';
import type { ExploreOptions, ScheduledEvent } from './cluster-event.ts';
import { chartPathText } from './counterexample-path.ts';
import { endText, eventText, scheduleText, violationText } from './counterexample-text.ts';
import { type ScheduleHeader, scheduleFileName, scheduleFileText } from './schedule-file.ts';
import { playSchedule } from './schedule-player.ts';

/** A schedule that leads to a forbidden state, and what is wrong there. */
export interface Counterexample {
  readonly options: ExploreOptions;
  readonly schedule: readonly ScheduledEvent[];
  /** No shorter schedule leads there. */
  readonly isShortest: boolean;
  readonly violation: Violation;
  readonly machine: typeof raftMachine;
  /** Where `machine` comes from, if it is not this repository's chart. */
  readonly chart: ScheduleHeader['chart'];
}

/** What fails to hold where a cluster is stuck, which is not a property of single steps. */
export const stuckProperty = 'Progress';

/** The same story in each form, by file name. */
export interface CounterexampleFiles {
  readonly 'story.txt': string;
  readonly 'sequence.mmd': string;
  readonly 'sequence.svg': string;
  readonly [scheduleFileName]: string;
  readonly 'path.txt': string;
}

/** Plays the schedule on charts and describes it. Throws `UnplayableSchedule`. */
export const counterexampleFiles = (found: Counterexample): CounterexampleFiles => {
  const { options, schedule, isShortest, violation, machine } = found;
  const events = [...playSchedule(options, schedule, machine)];
  const sequence = sequenceOfTrace(withSteps(schedule, events, violation));
  const steps = counted(schedule.length, 'step');
  const spares = options.spares === 0 ? '' : ` and ${counted(options.spares, 'spare')}`;
  const story = [
    ...violationText(violation),
    '',
    `${counted(options.nodes, 'node')}${spares}, ${steps}${isShortest ? '; no shorter way leads there' : ''}.`,
    '',
    ...scheduleText(schedule, events),
    '',
    'Then:',
    ...endText(events),
  ];
  const scene = sequenceScene(`${violation.property}: ${steps}`, sequence, {
    timeText: (time) => `step ${time}`,
  });
  return {
    'story.txt': linesOf(story),
    'sequence.mmd': sequenceToMermaid(sequence),
    'sequence.svg': toSvg(scene, 'light'),
    [scheduleFileName]: scheduleFileText({ ...found, property: violation.property }, events),
    'path.txt': linesOf(chartPathText(events, machine as unknown as AnyStateMachine)),
  };
};

/** Each step with its words above it, so that those that send and change nothing stand in the picture, too; and the violation at the end. */
const withSteps = (
  schedule: readonly ScheduledEvent[],
  events: readonly TimedEvent[],
  violation: Violation,
): readonly TimedEvent[] => {
  const steps = schedule.flatMap(({ event }, at): readonly TimedEvent[] => {
    const atMs = at + 1;
    const told = { kind: 'note', who: '', text: eventText(event) } as const;
    return [{ type: 'told', told, atMs }, ...events.filter((each) => each.atMs === atMs)];
  });
  // A cluster that is stuck violates no property of a step.
  if (steps.some(({ type }) => type === 'violation')) return steps;
  return [...steps, { type: 'violation', violation, atMs: schedule.length }];
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const linesOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
