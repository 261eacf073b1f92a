import * as v from 'valibot';
import type { Finding } from './finding.ts';
import { readJson } from './read-json.ts';
import { type ConformanceReport, type ExpectedFinding, findingsIn, ranked } from './report.ts';
import { subjectText } from './subject.ts';

const format = 'raftchart-expected-findings';

/** What kinds of findings are expected, with a reason each. docs/conformance.md */
const schema = v.strictObject({
  format: v.literal(format),
  version: v.literal(1),
  findings: v.array(
    v.strictObject({
      finding: v.pipe(v.string(), v.nonEmpty()),
      reason: v.string(),
      /** For people; nobody compares it. */
      about: v.exactOptional(v.string()),
    }),
  ),
});

/** Reads a file of expected findings. Throws an `Error` of one line for anything else, and where a reason is missing. */
export const parseExpected = (text: string): readonly ExpectedFinding[] => {
  const { findings } = readJson(text, schema, 'the file');
  const unfounded = findings.find(({ reason }) => reason.trim() === '');
  if (unfounded !== undefined) {
    throw new Error(`"${unfounded.finding}" is expected without a reason: say why it may be so`);
  }
  const twice = findings.find(
    ({ finding }, at) => findings.findIndex((each) => each.finding === finding) < at,
  );
  if (twice !== undefined) throw new Error(`"${twice.finding}" is there twice`);
  return findings.map(({ finding, reason }) => ({ finding, reason }));
};

/** A file of what was found, with the reasons that are known; the others are to be filled in. */
export const expectedText = (report: ConformanceReport): string => {
  const findings = findingsIn(report).map(({ signature, breaks, subject, expected }) => ({
    finding: signature,
    about: `${breaks}: ${subjectText(subject)}`,
    reason: expected ?? '',
  }));
  return `${JSON.stringify({ format, version: 1, findings }, null, 2)}\n`;
};

/** The report with what was expected marked. `isWhole`: all paths were there to be walked, so that what was not found is gone. */
export const withExpected = (
  report: ConformanceReport,
  expected: readonly ExpectedFinding[],
  isWhole: boolean,
): ConformanceReport => {
  const reasons = new Map(expected.map(({ finding, reason }) => [finding, reason]));
  const marked = (finding: Finding): Finding => ({
    ...finding,
    expected: reasons.get(finding.signature) ?? null,
  });
  const found = new Set(findingsIn(report).map(({ signature }) => signature));
  return {
    ...report,
    gone: isWhole && report.stopped === null ? expected.filter(({ finding }) => !found.has(finding)) : [],
    rules: ranked(
      report.rules.map((rule) => ({
        ...rule,
        subjects: rule.subjects.map((subject) => ({ ...subject, findings: subject.findings.map(marked) })),
      })),
    ),
  };
};
