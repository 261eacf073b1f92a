import type { Finding } from './finding.ts';
import type { ConformanceReport, RuleReport, SubjectReport } from './report.ts';
import { goneText, type ReplayOf, stepTexts } from './report-text.ts';
import { subjectText } from './subject.ts';

/** The report as TAP, version 14: a subtest a rule, a test point a branch of the chart. What is expected is a TODO. */
export const reportTap = ({ implementation, rules, gone }: ConformanceReport, replayOf?: ReplayOf): string =>
  `${[
    'TAP version 14',
    `# ${escaped(`${implementation.name} ${implementation.version}`.trim())}`,
    `1..${rules.length + (gone.length > 0 ? 1 : 0)}`,
    ...rules.flatMap((rule, at) => ruleLines(rule, at + 1, replayOf)),
    ...(gone.length > 0 ? goneLines(gone.map(goneText), rules.length + 1) : []),
  ].join('\n')}\n`;

const ruleLines = (
  { rule, subjects }: RuleReport,
  number: number,
  replayOf: ReplayOf | undefined,
): readonly string[] => {
  const isOk = subjects.every((subject) => freshIn(subject).length === 0);
  return [
    `# Subtest: ${escaped(rule)}`,
    `    1..${subjects.length}`,
    ...subjects.flatMap((subject, at) =>
      subjectLines(subject, at + 1, replayOf).map((line) => `    ${line}`),
    ),
    `${isOk ? 'ok' : 'not ok'} ${number} - ${escaped(rule)}`,
  ];
};

const freshIn = ({ findings }: SubjectReport): readonly Finding[] =>
  findings.filter(({ expected }) => expected === null);

const subjectLines = (
  report: SubjectReport,
  number: number,
  replayOf: ReplayOf | undefined,
): readonly string[] => {
  const { subject, status, reason, findings } = report;
  const name = `${number} - ${escaped(subjectText(subject))}`;
  if (status === 'passed') return [`ok ${name}`];
  if (status !== 'failed') {
    return [`ok ${name} # SKIP ${escaped(status === 'notReached' ? `not reached: ${reason}` : `${reason}`)}`];
  }
  const reasons = findings.flatMap(({ expected }) => expected ?? []);
  const isTodo = freshIn(report).length === 0 && findings.length > 0;
  return [
    `not ok ${name}${isTodo ? ` # TODO ${escaped(reasons.join('; '))}` : ''}`,
    '  ---',
    '  findings:',
    ...findings.flatMap((finding) => diagnosticLines(finding, replayOf)),
    '  ...',
  ];
};

/** A list item of YAML, in which JSON stands for every text. */
const diagnosticLines = (finding: Finding, replayOf: ReplayOf | undefined): readonly string[] => {
  const { signature, breaks, path, paths, flaky, expected, differences, lost } = finding;
  const texts = (name: string, all: readonly string[]) => [
    `      ${name}:`,
    ...all.map((text) => `        - ${JSON.stringify(text)}`),
  ];
  return [
    `    - finding: ${JSON.stringify(signature)}`,
    `      breaks: ${breaks}`,
    `      path: ${JSON.stringify(path.id)}`,
    `      paths: ${paths}`,
    ...(flaky === null ? [] : [`      flaky: "${flaky.failed} of ${flaky.of}"`]),
    ...(expected === null ? [] : [`      expected: ${JSON.stringify(expected)}`]),
    ...texts(
      'steps',
      stepTexts(finding).map(({ text }) => text),
    ),
    ...(lost.length === 0
      ? []
      : texts(
          'lost by the restart',
          lost.map(({ text }) => text),
        )),
    ...texts(
      'wrong',
      differences.map(({ text }) => text),
    ),
    ...(replayOf === undefined ? [] : [`      replay: ${JSON.stringify(replayOf(finding))}`]),
  ];
};

const goneLines = (texts: readonly string[], number: number): readonly string[] => [
  '# Subtest: Expected findings',
  `    1..${texts.length}`,
  ...texts.map((text, at) => `    not ok ${at + 1} - ${escaped(text)}`),
  `not ok ${number} - Expected findings`,
];

/** A hash begins a directive or a comment. */
const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');
