import { capabilityNames } from './capabilities.ts';
import { describeEvent } from './describe.ts';
import type { ConformanceReport, Finding, RuleReport, Status, SubjectReport } from './report.ts';

/** The report for people: what fails first, with the shortest path to it. */
export const reportText = (report: ConformanceReport): string => {
  const { implementation, rules } = report;
  const failing = rules.filter(({ status }) => status === 'failed');
  return `${[
    `${implementation.name} ${implementation.version}`.trim(),
    `has: ${listed(report, true)}`,
    `has not: ${listed(report, false)}`,
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
    `paths: ${paths.failed} failed, ${paths.passed} passed, ${paths.notApplicable} not applicable`,
  ].join('\n');
};

const ruleText = (rule: RuleReport): readonly string[] => [
  ruleLine(rule),
  ...rule.subjects.flatMap((subject) => [
    `    ${words[subject.status]}  ${subject.subject.description}${reasonText(subject)}`,
    ...subject.findings.flatMap(findingText),
  ]),
  '',
];

const ruleLine = ({ rule, status, subjects }: RuleReport): string => {
  const steps = subjects.reduce((sum, { passed }) => sum + passed, 0);
  const failed = subjects.reduce((sum, each) => sum + each.failed, 0);
  const counts = [`${steps} steps passed`, ...(failed > 0 ? [`${failed} failed`] : [])].join(', ');
  const reason = status === 'notApplicable' ? reasonText(subjects[0]!) : '';
  return `${words[status]}  ${rule}${status === 'notApplicable' ? reason : ` (${counts})`}`;
};

const words: Readonly<Record<Status, string>> = {
  passed: 'pass',
  failed: 'FAIL',
  notApplicable: 'n/a ',
  notReached: '?   ',
};

const reasonText = ({ status, reason }: SubjectReport): string => {
  if (status === 'notApplicable') return `: ${reason}`;
  return status === 'notReached' ? ': not reached, other failures come first' : '';
};

/** One finding: how to get there, and what is wrong then. */
export const findingText = ({ path, differences, lost, paths }: Finding): readonly string[] => [
  `          ${path.voters.length} ${path.voters.length === 1 ? 'node' : 'nodes'}, so in ${paths} ${paths === 1 ? 'path' : 'paths'}; the shortest:`,
  ...path.steps.map(
    ({ event, isDuplicate }, at) =>
      `          ${at + 1}. ${describeEvent(event)}${isDuplicate ? ', once more' : ''}`,
  ),
  ...lost.map(({ text }) => `             lost by the restart: ${text}`),
  ...differences.map(({ text }) => `             ${text}`),
];
