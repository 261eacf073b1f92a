import type { Path } from '../verify/paths/path.ts';
import type { Finding } from './finding.ts';
import type { ConformanceReport, SubjectReport } from './report.ts';

export const reportFormat = 'raftchart-conformance';

/** The version of the JSON report. It changes with any change that an older reader would misread. */
export const reportVersion = 1;

/** The report as JSON. docs/conformance.md */
export const reportJson = (report: ConformanceReport): string =>
  `${JSON.stringify(
    {
      format: reportFormat,
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

const findingJson = (finding: Finding) => {
  const { subject, path, exchanges, later, ...rest } = finding;
  return {
    ...rest,
    later: later && {
      subject: later.subject.id,
      breaks: later.breaks,
      differences: later.differences,
    },
    path: pathJson(path),
  };
};

/** Of each step what cannot be had from the chart, and the transitions by which a reader sees that its chart is the same. */
const pathJson = ({ steps, ...path }: Path) => ({
  ...path,
  steps: steps.map(({ event, isDuplicate, isHostile, transitions }) => ({
    event,
    isDuplicate,
    isHostile,
    transitions: transitions.map(({ id }) => id),
  })),
});
