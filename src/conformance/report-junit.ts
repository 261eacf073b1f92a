import { optionalPackage } from '../statechart/missing-package.ts';
import type { Finding } from './finding.ts';
import type { ConformanceReport } from './report.ts';
import { findingText, goneText, type ReplayOf } from './report-text.ts';
import { subjectText } from './subject.ts';

export type JunitReporter = (report: ConformanceReport, replayOf?: ReplayOf) => string;

/** How a report becomes JUnit XML: a suite a rule, a case a branch of the chart. Rejects with `PackageMissing`. */
export const junitReporter = async (): Promise<JunitReporter> => {
  const { default: junit } = await optionalPackage(
    'junit-report-builder',
    'a report as JUnit XML',
    () => import('junit-report-builder'),
  );
  // The package is CommonJS whose types speak of a default export inside it, which is not there.
  const builder = junit as unknown as typeof junit.default;
  return (report, replayOf) => reportJunit(report, replayOf, builder.newBuilder());
};

type Builder = ReturnType<typeof import('junit-report-builder').default.newBuilder>;

const reportJunit = (
  { implementation, rules, gone }: ConformanceReport,
  replayOf: ReplayOf | undefined,
  report: Builder,
): string => {
  for (const { rule, subjects } of rules) {
    const suite = report.testSuite().name(rule);
    for (const each of subjects) {
      const testCase = suite
        .testCase()
        .className(`${implementation.name}.${each.subject.id}`)
        .name(subjectText(each.subject));
      if (each.status === 'failed') {
        const fresh = each.findings.filter(({ expected }) => expected === null);
        // What is expected does not make a build fail.
        if (fresh.length > 0) testCase.failure(fresh.map(failureText).join('; '), fresh[0]!.breaks);
        else skip(testCase, `expected: ${each.findings.map(({ expected }) => expected).join('; ')}`);
        testCase.standardOutput(
          each.findings.flatMap((finding) => findingText(finding, replayOf)).join('\n'),
        );
      } else if (each.status !== 'passed') {
        const { status, reason } = each;
        skip(testCase, status === 'notReached' ? `not reached: ${reason}` : (reason ?? ''));
      }
    }
  }
  if (gone.length > 0) {
    const suite = report.testSuite().name('Expected findings');
    for (const each of gone) {
      const testCase = suite.testCase().className(`${implementation.name}.expected`).name(each.finding);
      testCase.failure(goneText(each), 'gone');
    }
  }
  return report.build();
};

type TestCase = ReturnType<ReturnType<Builder['testSuite']>['testCase']>;

/** The builder itself knows no message for what is skipped. */
const skip = (testCase: TestCase, message: string): void => {
  const build = testCase.skipped().build.bind(testCase);
  testCase.build = (parent) => {
    const element = build(parent);
    const skipped = element.children.find((child) => 'name' in child && child.name === 'skipped');
    (skipped as typeof element).att('message', message);
    return element;
  };
};

const failureText = ({ differences, flaky }: Finding): string => {
  const share = flaky === null ? '' : ` (flaky: ${flaky.failed} of ${flaky.of})`;
  return `${differences.map(({ text }) => text).join('; ')}${share}`;
};
