import { sequenceToMermaid } from '../trace/sequence-mermaid.ts';
import { type ConformanceReport, findingsIn } from './report.ts';
import { storyOf } from './story.ts';
import { subjectText } from './subject.ts';

/** A file with a picture. */
export interface Picture {
  readonly name: string;
  readonly text: string;
}

/** A Mermaid sequence diagram for each finding, the most dangerous first: what should have been said, and what was. */
export const picturesOf = (report: ConformanceReport): readonly Picture[] => {
  const findings = findingsIn(report);
  const digits = String(findings.length).length;
  return findings.map((finding, at) => {
    const { subject, breaks, path } = finding;
    const number = String(at + 1).padStart(digits, '0');
    return {
      name: `${number}-${breaks}-${path.id}.mmd`,
      text: `%% ${subject.rule}: ${subjectText(subject)}\n${sequenceToMermaid(storyOf(finding, report.capabilities))}`,
    };
  });
};
