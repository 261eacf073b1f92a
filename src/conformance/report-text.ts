import { isDeepStrictEqual } from 'node:util';
import { capabilityNames } from './capabilities.ts';
import { describeRequest } from './describe.ts';
import type { ConformanceReport, Finding, RuleReport, Status, SubjectReport } from './report.ts';
import { subjectText } from './subject.ts';

/** The report for people: what fails first, with the shortest path to it. */
export const reportText = (report: ConformanceReport): string => {
  const { implementation, rules } = report;
  const failing = rules.filter(({ status }) => status === 'failed');
  return `${[
    `${implementation.name} ${implementation.version}`.trim(),
    `has: ${listed(report, true)}`,
    `has not: ${listed(report, false)}`,
    ...(report.stopped === null ? [] : [`STOPPED: ${report.stopped}`]),
    '',
    ...failing.flatMap(ruleText),
    ...rules.filter(({ status }) => status !== 'failed').map(ruleLine),
    '',
    summary(report),
  ].join('\n')}\n`;
};

const listed = ({ capabilities }: ConformanceReport, has: boolean): string =>
  capabilityNames.filter((name) => capabilities[name] === has).join(', ') || '–';

export const summary = ({ rules, paths }: ConformanceReport): string => {
  const count = (status: Status) => rules.filter((rule) => rule.status === status).length;
  return [
    `rules: ${count('failed')} failed, ${count('passed')} passed, ${count('notApplicable')} not applicable` +
      (count('notReached') > 0 ? `, ${count('notReached')} not reached` : ''),
    `paths: ${paths.failed} failed, ${paths.passed} passed, ${paths.notApplicable} not applicable` +
      (paths.notRun > 0 ? `, ${paths.notRun} not run` : ''),
  ].join('\n');
};

const ruleText = (rule: RuleReport): readonly string[] => [
  ruleLine(rule),
  ...rule.subjects.flatMap((subject) => [
    `    ${words[subject.status]}  ${subjectText(subject.subject)}${reasonText(subject)}`,
    ...subject.findings.flatMap(findingText),
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

const reasonText = ({ status, reason }: SubjectReport): string => {
  if (status === 'notApplicable') return ` (${reason})`;
  return status === 'notReached' ? ` (not reached: ${reason})` : '';
};

/** One finding: how to get there, and what is wrong then. */
export const findingText = ({ requests, differences, lost, paths }: Finding): readonly string[] => [
  `          in ${paths} ${paths === 1 ? 'path' : 'paths'}; the shortest:`,
  ...requests.map((request, at) => {
    const isAgain = request.do === 'deliver' && isDeepStrictEqual(request, requests[at - 1]);
    return `          ${at}. ${describeRequest(request)}${isAgain ? ', once more' : ''}`;
  }),
  ...lost.map(({ text }) => `             lost by the restart: ${text}`),
  ...differences.map(({ text }) => `             ${text}`),
];
