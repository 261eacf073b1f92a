import { toSvgIn } from '../statechart/draw/svg.ts';
import { escapeXml } from '../statechart/export/xml-text.ts';
import { capabilityNames } from './capabilities.ts';
import type { Difference } from './difference.ts';
import type { Finding } from './finding.ts';
import { sceneOf } from './pictures.ts';
import { type ConformanceReport, findingsIn, type RuleReport, type Status } from './report.ts';
import { pageColours, reportStyle } from './report-style.ts';
import {
  goneText,
  headText,
  pathsCommand,
  type ReplayOf,
  reasonText,
  stepTexts,
  summary,
} from './report-text.ts';
import { subjectText } from './subject.ts';

/** The report as one page that needs nothing else: no script, no font, no connection. */
export const reportHtml = (report: ConformanceReport, replayOf?: ReplayOf): string => {
  const { implementation, capabilities, stopped, gone, rules } = report;
  const name = `${implementation.name} ${implementation.version}`.trim();
  const listed = (has: boolean) => capabilityNames.filter((each) => capabilities[each] === has).join(', ');
  const findings = findingsIn(report);
  return `${[
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${escapeXml(name)}: conformance to Raft</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeXml(name)}: conformance to Raft</h1>`,
    `<p class="faint">has: ${escapeXml(listed(true)) || '–'}<br/>has not: ${escapeXml(listed(false)) || '–'}</p>`,
    `<p class="faint">its paths: <code>${escapeXml(pathsCommand(report))}</code></p>`,
    `<ul class="counts">${summary(report)
      .map((line) => `<li>${escapeXml(line)}</li>`)
      .join('')}</ul>`,
    ...(stopped === null ? [] : [`<p class="alarm">STOPPED: ${escapeXml(stopped)}</p>`]),
    ...gone.map((each) => `<p class="alarm">${escapeXml(goneText(each))}</p>`),
    '<main>',
    '<h2>Findings</h2>',
    ...(findings.length === 0 ? ['<p>None.</p>'] : []),
    ...findings.map((finding, at) => article(finding, at, report, replayOf)),
    '<h2>Rules</h2>',
    '<table><tbody>',
    ...rules.map(ruleRow),
    '</tbody></table>',
    '</main>',
    '</body>',
    '</html>',
  ].join('\n')}\n`;
};

const article = (
  finding: Finding,
  at: number,
  report: ConformanceReport,
  replayOf: ReplayOf | undefined,
): string => {
  const { subject, breaks, expected, later, path, signature } = finding;
  const scene = sceneOf(finding, report);
  return [
    `<article id="finding-${at + 1}">`,
    `<h3><span class="tag ${breaks}">${breaks}</span>${expected === null ? '' : '<span class="tag expected">expected</span>'}${escapeXml(subjectText(subject))}</h3>`,
    `<p class="faint">${escapeXml(subject.rule)} · ${escapeXml(headText(finding))}; path <code>${escapeXml(path.id)}</code>; finding <code>${escapeXml(signature)}</code></p>`,
    ...(expected === null ? [] : [`<p>Expected: ${escapeXml(expected)}</p>`]),
    '<ol start="0">',
    ...stepTexts(finding).map(
      ({ text, lost, differences }) =>
        // The list has the numbers.
        `<li>${escapeXml(text.replace(/^\d+\. /, ''))}${list(lost, 'lost')}${list(differences, '')}</li>`,
    ),
    '</ol>',
    ...(later === null
      ? []
      : [`<p>Which breaks <strong>${later.breaks}</strong>: ${escapeXml(subjectText(later.subject))}</p>`]),
    ...(replayOf === undefined ? [] : [`<code class="replay">${escapeXml(replayOf(finding))}</code>`]),
    `<details open="open"><summary>Sequence</summary><div class="picture" style="--least:${Math.round(scene.width * 0.7)}px">${toSvgIn(scene, pageColours, `-${at + 1}`)}</div></details>`,
    '</article>',
  ].join('\n');
};

const list = (differences: readonly Difference[], kind: 'lost' | ''): string =>
  differences.length === 0
    ? ''
    : `<ul class="differences ${kind}">${differences
        .map(({ text }) => `<li>${kind === 'lost' ? 'lost by the restart: ' : ''}${escapeXml(text)}</li>`)
        .join('')}</ul>`;

const words: Readonly<Record<Status, string>> = {
  passed: 'pass',
  failed: 'FAIL',
  notApplicable: 'n/a',
  notReached: 'not reached',
};

const ruleRow = ({ rule, status, subjects }: RuleReport): string => {
  const branches = subjects
    .map(
      (each) =>
        `<tr><td class="${each.status}">${words[each.status]}</td><td>${escapeXml(subjectText(each.subject))}<span class="faint">${escapeXml(reasonText(each))}</span></td></tr>`,
    )
    .join('');
  return `<tr><td class="${status}">${words[status]}</td><td><details><summary>${escapeXml(rule)}</summary><table><tbody>${branches}</tbody></table></details></td></tr>`;
};
