import type { Scene } from '../statechart/draw/scene.ts';
import { toSvg } from '../statechart/draw/svg.ts';
import { sequenceToMermaid } from '../trace/sequence-mermaid.ts';
import { sequenceScene } from '../trace/sequence-scene.ts';
import type { Finding } from './finding.ts';
import { type ConformanceReport, findingsIn } from './report.ts';
import { storyOf } from './story.ts';
import { subjectText } from './subject.ts';

/** A file with a picture. */
export interface Picture {
  readonly name: string;
  readonly text: string;
}

/** A sequence diagram of each finding, as SVG and as Mermaid, the most dangerous first: what should have been said, and what was. */
export const picturesOf = (report: ConformanceReport): readonly Picture[] => {
  const findings = findingsIn(report);
  const digits = String(findings.length).length;
  return findings.flatMap((finding, at) => {
    const { subject, breaks, path } = finding;
    const name = `${String(at + 1).padStart(digits, '0')}-${breaks}-${path.id}`;
    const title = `${subject.rule}: ${subjectText(subject)}`;
    return [
      { name: `${name}.svg`, text: toSvg(sceneOf(finding, report), 'light') },
      {
        name: `${name}.mmd`,
        text: `%% ${title}\n${sequenceToMermaid(storyOf(finding, report.capabilities))}`,
      },
    ];
  });
};

/** The sequence diagram of a finding. */
export const sceneOf = (finding: Finding, { capabilities }: Pick<ConformanceReport, 'capabilities'>): Scene =>
  sequenceScene(
    `What node 1 should do, and what it did: path ${finding.path.id}`,
    storyOf(finding, capabilities),
    {
      timeText: (request) => `${request}.`,
      note: 'Left: what it should do. Right: what it did. Times: the numbers of the requests in the list.',
    },
  );
