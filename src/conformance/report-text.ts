import { isDeepStrictEqual } from 'node:util';
import { capabilityNames } from './capabilities.ts';
import { dangers } from './danger.ts';
import { describeRequest } from './describe.ts';
import type { Difference } from './difference.ts';
import type { Finding } from './finding.ts';
import { pathsFlags } from './paths-flags.ts';
import {
  type ConformanceReport,
  type ExpectedFinding,
  findingsIn,
  type RuleReport,
  type Status,
  type SubjectReport,
} from './report.ts';
import { subjectText } from './subject.ts';

/** The command that replays a finding alone, for whoever knows how this run was started. */
export type ReplayOf = (finding: Finding) => string;

/** The report for people: what fails first, the most dangerous at the top, with a short path to it. */
export const reportText = (report: ConformanceReport, replayOf?: ReplayOf): string => {
  const { implementation, rules } = report;
  const failing = rules.filter(({ status }) => status === 'failed');
  return `${[
    `${implementation.name} ${implementation.version}`.trim(),
    `has: ${listed(report, true)}`,
    `has not: ${listed(report, false)}`,
    `its paths: ${pathsCommand(report)}`,
    ...(report.stopped === null ? [] : [`STOPPED: ${report.stopped}`]),
    ...report.gone.map(goneText),
    '',
    ...failing.flatMap((rule) => ruleText(rule, replayOf)),
    ...rules.filter(({ status }) => status !== 'failed').map(ruleLine),
    '',
    ...summary(report),
  ].join('\n')}\n`;
};

/** What writes the paths for an implementation of these capabilities to a file. */
export const pathsCommand = ({ cover, capabilities }: ConformanceReport): string =>
  `npx raftchart paths ${pathsFlags(cover, capabilities).join(' ')} -o paths.ndjson`;

const listed = ({ capabilities }: ConformanceReport, has: boolean): string =>
  capabilityNames.filter((name) => capabilities[name] === has).join(', ') || '–';

/** An expected finding that is no longer there. */
export const goneText = ({ finding, reason }: ExpectedFinding): string =>
  `GONE: ${finding} is no longer found; it was expected: ${reason}`;

/** `2 safety, 1 form; 1 of them expected`. */
const findingCounts = (report: ConformanceReport): string => {
  const findings = findingsIn(report);
  const counts = dangers.flatMap((danger) => {
    const count = findings.filter(({ breaks }) => breaks === danger).length;
    return count === 0 ? [] : [`${count} ${danger}`];
  });
  const expected = findings.filter((each) => each.expected !== null).length;
  return [
    `findings: ${counts.join(', ') || 'none'}`,
    ...(expected > 0 ? [`${expected} of them expected`] : []),
    ...(report.gone.length > 0 ? [`${report.gone.length} expected and gone`] : []),
  ].join('; ');
};

/** The whole in a few lines. */
export const summary = (report: ConformanceReport): readonly string[] => {
  const { rules, paths } = report;
  const count = (status: Status) => rules.filter((rule) => rule.status === status).length;
  return [
    `rules: ${count('failed')} failed, ${count('passed')} passed, ${count('notApplicable')} not applicable` +
      (count('notReached') > 0 ? `, ${count('notReached')} not reached` : ''),
    `paths: ${paths.failed} failed, ${paths.passed} passed, ${paths.notApplicable} not applicable` +
      (report.flaky.length > 0 ? `, ${report.flaky.length} of the failed flaky` : '') +
      (paths.notRun > 0 ? `, ${paths.notRun} not run` : ''),
    findingCounts(report),
  ];
};

const ruleText = (rule: RuleReport, replayOf: ReplayOf | undefined): readonly string[] => [
  ruleLine(rule),
  ...rule.subjects.flatMap((subject) => [
    `    ${words[subject.status]}  ${subjectText(subject.subject)}${reasonText(subject)}`,
    ...subject.findings.flatMap((finding) => findingText(finding, replayOf)),
  ]),
  '',
];

const ruleLine = ({ rule, status, subjects }: RuleReport): string => {
  const steps = subjects.reduce((sum, { passed }) => sum + passed, 0);
  const failed = subjects.reduce((sum, each) => sum + each.failed, 0);
  const counts = [`${steps} steps passed`, ...(failed > 0 ? [`${failed} failed`] : [])].join(', ');
  return `${words[status]}  ${rule}${status === 'notApplicable' ? reasonText(subjects[0]!) : ` (${counts})`}`;
};

const words: Readonly<Record<Status, string>> = {
  passed: 'pass',
  failed: 'FAIL',
  notApplicable: 'n/a ',
  notReached: '?   ',
};

/** Why there is no verdict, in brackets. */
export const reasonText = ({ status, reason }: SubjectReport): string => {
  if (status === 'notApplicable') return ` (${reason})`;
  return status === 'notReached' ? ` (not reached: ${reason})` : '';
};

/** One finding: what it breaks, how to get there, and what is wrong then. */
export const findingText = (finding: Finding, replayOf?: ReplayOf): readonly string[] => [
  `          ${headText(finding)}; path ${finding.path.id}:`,
  ...(finding.expected === null ? [] : [`          EXPECTED: ${finding.expected}`]),
  ...stepTexts(finding).flatMap(({ text, lost, differences }) => [
    `          ${text}`,
    ...lost.map((each) => `             lost by the restart: ${each.text}`),
    ...shortList(differences.map((each) => shortLine(each.text))).map((each) => `             ${each}`),
  ]),
  ...(finding.later === null
    ? []
    : [`             which breaks ${finding.later.breaks}: ${subjectText(finding.later.subject)}`]),
  ...(replayOf === undefined ? [] : [`          replay: ${replayOf(finding)}`]),
];

/** More than that tells nobody more; the JSON report has all of it. */
const maxLines = 20;
const maxLine = 1000;

const shortList = (lines: readonly string[]): readonly string[] =>
  lines.length <= maxLines
    ? lines
    : [...lines.slice(0, maxLines), `… and ${lines.length - maxLines} more like these`];

const shortLine = (line: string): string => (line.length <= maxLine ? line : `${line.slice(0, maxLine)}…`);

/** `breaks safety, in 3 paths, flaky: in 2 of 5 walks`. */
export const headText = ({ breaks, paths, flaky }: Finding): string => {
  const share = flaky === null ? '' : `, flaky: in ${flaky.failed} of ${flaky.of} walks`;
  return `breaks ${breaks}, in ${paths} ${paths === 1 ? 'path' : 'paths'}${share}`;
};

/** One thing that a node is told, and what is wrong then. */
export interface StepText {
  /** `2. restart` */
  readonly text: string;
  readonly lost: readonly Difference[];
  readonly differences: readonly Difference[];
}

/** The requests of a finding in words, with what is wrong where it shows. */
export const stepTexts = ({ requests, failsAfter, differences, lost, later }: Finding): readonly StepText[] =>
  requests.map((request, at) => {
    const isAgain = request.do === 'deliver' && isDeepStrictEqual(request, requests[at - 1]);
    const told = at + 1;
    const own = told === failsAfter ? differences : [];
    return {
      text: `${at}. ${describeRequest(request)}${isAgain ? ', once more' : ''}`,
      lost: told === failsAfter ? lost : [],
      differences: told === requests.length && later !== null ? [...own, ...later.differences] : own,
    };
  });
