import junit from 'junit-report-builder';
import type { ConformanceReport, Finding, SubjectReport } from './report.ts';
import { findingText } from './report-text.ts';
import { subjectText } from './subject.ts';

// The package is CommonJS whose types speak of a default export inside it, which is not there.
const builder = junit as unknown as typeof junit.default;

/** The report as JUnit XML: a suite a rule, a case a branch of the chart. */
export const reportJunit = ({ implementation, rules }: ConformanceReport): string => {
  const report = builder.newBuilder();
  for (const { rule, subjects } of rules) {
    const suite = report.testSuite().name(rule);
    for (const each of subjects) {
      const testCase = suite
        .testCase()
        .className(`${implementation.name}.${each.subject.id}`)
        .name(subjectText(each.subject));
      if (each.status === 'failed') {
        testCase.failure(
          each.findings.flatMap(({ differences }) => differences.map(({ text }) => text)).join('; '),
        );
        testCase.standardOutput(each.findings.flatMap(findingText).join('\n'));
      } else if (each.status !== 'passed') {
        testCase.skipped();
        const { status, reason } = each;
        testCase.standardOutput(status === 'notReached' ? `not reached: ${reason}` : (reason ?? ''));
      }
    }
  }
  return report.build();
};

/** The version of the JSON report. */
const reportVersion = 1;

/** The report as JSON. docs/conformance.md */
export const reportJson = (report: ConformanceReport): string =>
  `${JSON.stringify(
    {
      version: reportVersion,
      ...report,
      rules: report.rules.map(({ subjects, ...rule }) => ({ ...rule, subjects: subjects.map(subjectJson) })),
    },
    null,
    2,
  )}\n`;

const subjectJson = ({ subject, findings, ...rest }: SubjectReport) => ({
  id: subject.id,
  where: subject.where,
  description: subject.description,
  ...rest,
  findings: findings.map(findingJson),
});

const findingJson = ({ path, requests, differences, lost, paths }: Finding) => ({
  requests,
  differences,
  lost,
  from: path.id,
  paths,
});
