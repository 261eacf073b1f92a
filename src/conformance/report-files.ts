import { optionalPackage } from '../statechart/missing-package.ts';
import type { ConformanceReport, Finding, SubjectReport } from './report.ts';
import { findingText } from './report-text.ts';
import { subjectText } from './subject.ts';

/** How a report becomes JUnit XML: a suite a rule, a case a branch of the chart. Rejects with `PackageMissing`. */
export const junitReporter = async (): Promise<(report: ConformanceReport) => string> => {
  const { default: junit } = await optionalPackage(
    'junit-report-builder',
    'a report as JUnit XML',
    () => import('junit-report-builder'),
  );
  // The package is CommonJS whose types speak of a default export inside it, which is not there.
  const builder = junit as unknown as typeof junit.default;
  return (report) => reportJunit(report, builder.newBuilder());
};

type Builder = ReturnType<typeof import('junit-report-builder').default.newBuilder>;

const reportJunit = ({ implementation, rules }: ConformanceReport, report: Builder): string => {
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
