import { optionalPackage } from '../../statechart/missing-package.ts';
import type { TestAnswer } from './test-task.ts';

export const testReports = ['text', 'tap', 'junit'] as const;
export type TestReport = (typeof testReports)[number];

type Reporter = (file: string, answer: TestAnswer) => string;

/** How what a test has found becomes a report. Rejects with `PackageMissing` for JUnit without its package. */
export const reporterOf = async (format: TestReport): Promise<Reporter> => {
  switch (format) {
    case 'text':
      return textReport;
    case 'tap':
      return tapReport;
    case 'junit':
      return junitReport();
  }
};

const textReport: Reporter = (file, { cases, extent, coverage }) => {
  const failed = cases.filter(({ failure }) => failure !== null);
  return [
    ...failed.flatMap(({ name, failure }) => [`✗ ${oneLine(name)}`, ...indented(failure!), '']),
    `${file}: ${cases.length - failed.length} of ${cases.length} tests passed; ${extent}`,
    '',
    coverage,
  ].join('\n');
};

const tapReport: Reporter = (_, { cases }) =>
  [
    'TAP version 14',
    `1..${cases.length}`,
    ...cases.flatMap(({ name, failure }, at) =>
      failure === null
        ? [`ok ${at + 1} - ${escaped(name)}`]
        : [
            `not ok ${at + 1} - ${escaped(name)}`,
            '  ---',
            '  message: |',
            ...indented(failure).map((line) => `  ${line}`),
            '  ...',
          ],
    ),
    '',
  ].join('\n');

const junitReport = async (): Promise<Reporter> => {
  const { default: junit } = await optionalPackage(
    'junit-report-builder',
    'a report as JUnit XML',
    () => import('junit-report-builder'),
  );
  // The package is CommonJS whose types speak of a default export inside it, which is not there.
  const builder = junit as unknown as typeof junit.default;
  return (file, { cases }) => {
    const all = builder.newBuilder();
    const suite = all.testSuite().name(file);
    for (const { name, seconds, failure } of cases) {
      const testCase = suite.testCase().className(file).name(oneLine(name)).time(seconds);
      if (failure !== null) testCase.failure(failure, 'failed');
    }
    return all.build();
  };
};

const indented = (text: string): readonly string[] => text.split('\n').map((line) => `  ${line}`);

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');

const escaped = (text: string): string => oneLine(text).replaceAll(/[\\#]/g, '\\$&');
