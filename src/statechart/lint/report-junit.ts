import { optionalPackage } from '../missing-package.ts';
import { type LintedMachine, ruleSheets } from './report.ts';

/** How findings become JUnit XML: a suite a machine, a case a rule, which fails for an error. Rejects with `PackageMissing`. */
export const lintJunit = async (machines: readonly LintedMachine[]): Promise<string> => {
  const { default: junit } = await optionalPackage(
    'junit-report-builder',
    'a report as JUnit XML',
    () => import('junit-report-builder'),
  );
  // The package is CommonJS whose types speak of a default export inside it, which is not there.
  const report = (junit as unknown as typeof junit.default).newBuilder();
  for (const { label, findings, path } of machines) {
    const suite = report.testSuite().name(label);
    for (const { name } of ruleSheets) {
      const testCase = suite.testCase().className(label).name(name);
      const found = findings.filter(({ rule }) => rule === name);
      const texts = found.map(
        ({ severity, message, place }) =>
          `${place?.path ?? path}:${place?.line ?? 1}: ${severity}: ${message}`,
      );
      const errors = texts.filter((_, at) => found[at]!.severity === 'error');
      if (errors.length > 0) testCase.failure(errors.join('\n'), name);
      if (texts.length > errors.length) testCase.standardOutput(texts.join('\n'));
    }
  }
  return report.build();
};
