import type { Path, PathSet } from '../verify/paths/path.ts';
import { type Danger, dangerOf, dangerRank, dangers } from './danger.ts';
import type { Difference } from './difference.ts';
import type { Finding, Share } from './finding.ts';
import type { ModelledStep } from './modelled-step.ts';
import type { Capabilities } from './protocol.ts';
import type { PathResult, StepResult } from './run-path.ts';
import {
  failedSubject,
  progressSubject,
  type Subject,
  startSubject,
  subjectsOf,
  unseenIn,
} from './subject.ts';

export type Status = 'passed' | 'failed' | 'notApplicable' | 'notReached';

/** One branch of the chart, or what stands for one. */
export interface SubjectReport {
  readonly subject: Subject;
  readonly status: Status;
  /** Steps of all paths, by what came of them. */
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
  readonly notReached: number;
  /** Why it is not applicable or not reached, the most frequent reason. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
}

export interface RuleReport {
  readonly rule: string;
  readonly status: Status;
  readonly subjects: readonly SubjectReport[];
}

/** A finding that is known already. */
export interface ExpectedFinding {
  /** Its signature. */
  readonly finding: string;
  readonly reason: string;
}

export interface ConformanceReport {
  readonly implementation: { readonly name: string; readonly version: string };
  readonly capabilities: Capabilities;
  readonly cover: PathSet['cover'];
  readonly chart: string;
  readonly paths: {
    readonly passed: number;
    readonly failed: number;
    readonly notApplicable: number;
    readonly notRun: number;
  };
  /** Why the rest of the paths was not run; null: all were. */
  readonly stopped: string | null;
  /** How often each path was walked. */
  readonly repeat: number;
  /** Paths that failed in some of their walks and not in others. */
  readonly flaky: readonly (Share & { readonly path: string })[];
  /** Findings that were expected and are no longer there. */
  readonly gone: readonly ExpectedFinding[];
  /** Failing rules first, the most dangerous at the top, then by name. */
  readonly rules: readonly RuleReport[];
}

/** A failure of one step, before failures of one kind are put together. */
export interface Failure {
  readonly subject: Subject;
  /** What fails, in what, and what that breaks: the same of failures of one kind. */
  readonly signature: string;
  readonly breaks: Danger;
  readonly differences: readonly Difference[];
  readonly lost: readonly Difference[];
  /** Position of the step; −1: the start; one behind the last: what came after the path. */
  readonly at: number;
  /** How many exchanges there had been by then. */
  readonly asked: number;
}

/** All that failed in a path, in order. */
export const failuresOf = (result: PathResult): readonly Failure[] => {
  const { start, steps, last, exchanges, path } = result;
  const failureOf = (
    subject: Subject,
    differences: readonly Difference[],
    lost: readonly Difference[],
    at: number,
    asked: number,
  ): Failure => {
    const kinds = [...new Set(differences.map(({ kind }) => kind))].sort();
    const breaks = dangerOf({ path, steps: steps.map(({ step }) => step), at, differences });
    const signature = `${subject.id} ${kinds.join('+')} ${breaks}${lost.length > 0 ? ' after a loss' : ''}`;
    return { subject, signature, breaks, differences, lost, at, asked };
  };
  if (start.status === 'failed') {
    return [failureOf(startSubject, start.differences, [], -1, exchanges.length)];
  }
  let lost: readonly Difference[] = [];
  const failures = steps.flatMap(({ step, result, asked }, at) => {
    if (result.status !== 'failed') return [];
    const subject = result.subject ?? failedSubject(step, result.differences);
    const failure = failureOf(subject, result.differences, lost, at, asked);
    if (step.event.type === 'restart') lost = result.differences;
    return [failure];
  });
  return last?.status === 'failed'
    ? [...failures, failureOf(progressSubject, last.differences, lost, steps.length, exchanges.length)]
    : failures;
};

/** Whether the path says something about the implementation. */
export const statusOfPath = ({
  start,
  steps,
  last,
}: PathResult): Exclude<Status, 'notReached'> | 'notRun' => {
  if (start.status === 'notReached') return 'notRun';
  const results = [start, ...steps.map(({ result }) => result), ...(last === null ? [] : [last])];
  if (results.some(({ status }) => status === 'failed')) return 'failed';
  return steps.length > 0 && steps.every(({ result }) => result.status === 'notApplicable')
    ? 'notApplicable'
    : 'passed';
};

interface Tally {
  readonly subject: Subject;
  readonly counts: Record<Status, number>;
  readonly reasons: (StepResult & { readonly reason: string })[];
}

/** By rule, what came of the steps that exercise it. */
export const reportRules = (
  results: readonly PathResult[],
  findings: readonly Finding[],
): readonly RuleReport[] => {
  const tallies = new Map<string, Tally>();
  const add = (subject: Subject, result: StepResult) => {
    const tally = tallies.get(subject.id) ?? {
      subject,
      counts: { passed: 0, failed: 0, notApplicable: 0, notReached: 0 },
      reasons: [],
    };
    tallies.set(subject.id, tally);
    tally.counts[result.status]++;
    if ('reason' in result) tally.reasons.push(result);
  };
  for (const { path, start, steps, last } of results) {
    add(startSubject, start);
    for (const { step, result } of steps) addStep(step, result, path.disk, add);
    if (last !== null) add(progressSubject, last);
  }
  const subjects = [...tallies.values()].map((tally) =>
    subjectReport(
      tally,
      findings.filter(({ subject }) => subject.id === tally.subject.id),
    ),
  );
  return ranked(
    [...Map.groupBy(subjects, ({ subject }) => subject.rule)].map(
      ([rule, all]): RuleReport => ({
        rule,
        status: worst(all.map(({ status }) => status)),
        subjects: all,
      }),
    ),
  );
};

/** In the order in which they are to be read: what fails first, the most dangerous at the top, of those alike what is new before what was expected. */
export const ranked = (rules: readonly RuleReport[]): readonly RuleReport[] =>
  rules
    .map((rule) => ({
      ...rule,
      subjects: rule.subjects
        .map((subject) => ({ ...subject, findings: subject.findings.toSorted(byRank) }))
        .toSorted(
          (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || worstRank([a]) - worstRank([b]),
        ),
    }))
    .toSorted(
      (a, b) =>
        order.indexOf(a.status) - order.indexOf(b.status) ||
        worstRank(a.subjects) - worstRank(b.subjects) ||
        a.rule.localeCompare(b.rule),
    );

const rankOf = ({ breaks, expected }: Finding): number =>
  2 * dangerRank(breaks) + (expected === null ? 0 : 1);

const byRank = (a: Finding, b: Finding): number => rankOf(a) - rankOf(b);

const worstRank = (subjects: readonly SubjectReport[]): number =>
  Math.min(...subjects.flatMap(({ findings }) => findings.map(rankOf)), 2 * dangers.length);

/** All findings, the most dangerous first, of those alike what is new before what was expected. */
export const findingsIn = ({ rules }: Pick<ConformanceReport, 'rules'>): readonly Finding[] =>
  rules.flatMap(({ subjects }) => subjects.flatMap(({ findings }) => findings)).toSorted(byRank);

/** A failing step says something about one subject alone. */
const addStep = (
  step: ModelledStep,
  result: StepResult,
  disk: Path['disk'],
  add: (subject: Subject, result: StepResult) => void,
): void => {
  if (result.status === 'failed') {
    add(result.subject ?? failedSubject(step, result.differences), result);
    return;
  }
  for (const subject of subjectsOf(step)) {
    const reason = result.status === 'notApplicable' ? null : unseenIn(subject, step, disk);
    add(subject, reason === null ? result : { status: 'notApplicable', reason });
  }
};

const order: readonly Status[] = ['failed', 'notReached', 'notApplicable', 'passed'];

const subjectReport = ({ subject, counts, reasons }: Tally, findings: readonly Finding[]): SubjectReport => {
  const status = (['failed', 'passed', 'notReached'] as const).find((each) => counts[each] > 0);
  const because = status === 'notReached' ? 'notReached' : 'notApplicable';
  const texts = reasons.filter((each) => each.status === because).map(({ reason }) => reason);
  const reason = mostFrequent(texts);
  return { subject, status: status ?? 'notApplicable', ...counts, reason, findings };
};

const mostFrequent = (texts: readonly string[]): string | null => {
  const alike = [...Map.groupBy(texts, (text) => text)].sort(([, a], [, b]) => b.length - a.length);
  return alike[0]?.[0] ?? null;
};

/** A rule has failed if a part has, and passed if all parts that were reached have. */
const worst = (statuses: readonly Status[]): Status =>
  (['failed', 'passed', 'notReached'] as const).find((each) => statuses.includes(each)) ?? 'notApplicable';
