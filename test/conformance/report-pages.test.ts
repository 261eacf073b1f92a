import { type FinalResults, Parser } from 'tap-parser';
import { beforeAll, expect, test } from 'vitest';
import { withExpected } from '../../src/conformance/known-findings.ts';
import { picturesOf } from '../../src/conformance/pictures.ts';
import { type ConformanceReport, findingsIn } from '../../src/conformance/report.ts';
import { reportHtml } from '../../src/conformance/report-html.ts';
import { reportTap } from '../../src/conformance/report-tap.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { parseXml, type XmlElement } from '../statechart/draw/xml-tree.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, restart, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];
let report: ConformanceReport;

beforeAll(async () => {
  // Grants every vote, is silent to appends, and has a name that needs care.
  const adapter = new ChartAdapter((answer, request) => ({
    ...answer,
    sent:
      request.do === 'deliver' && request.message.type === 'AppendEntries'
        ? []
        : answer.sent.map((each) =>
            each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
          ),
  }));
  const set = setOf(
    pathOf('votes', three, [requestVote(2, 1), requestVote(3, 1)]),
    pathOf('follows', three, [appendEntries(2, 1, 0, 0, [1])]),
    pathOf('slow', three, [requestVote(2, 1)], 'slow'),
  );
  const found = await runConformance(adapter, set);
  report = { ...found, implementation: { name: '<b> & #1', version: '"2"' } };
});

const resultOf = (tap: string): FinalResults => {
  const complete = Parser.parse(tap).filter(([name]) => name === 'complete');
  return complete.at(-1)![1] as FinalResults;
};

test('TAP is read by a parser: a point a rule, what fails fails, with its diagnosis', () => {
  const tap = reportTap(report);
  expect(tap.startsWith('TAP version 14\n# <b> & \\#1 "2"\n1..')).toBe(true);
  const result = resultOf(tap);
  const failing = report.rules.filter(({ status }) => status === 'failed').length;
  expect(result).toMatchObject({ ok: false, count: report.rules.length, fail: failing, bailout: false });
  expect(JSON.stringify(Parser.parse(tap))).not.toContain('"extra"');
  expect(tap).toContain('breaks: safety\n');
  expect(tap).toContain('- "1. RequestVote of term 1 (last entry none) arrives from 2"\n');
});

test('TAP says what a restart has lost, and how to replay it', async () => {
  // Forgets its vote.
  const adapter = new ChartAdapter((answer, request) => {
    const told = adapter.requests.slice(adapter.requests.findLastIndex((each) => each.do === 'init'));
    if (!told.some((each) => each.do === 'restart')) return answer;
    const sent = answer.sent.map((each) =>
      each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
    );
    return { sent, state: request.do === 'restart' ? { ...answer.state, votedFor: null } : answer.state };
  });
  const set = setOf(pathOf('forgets', three, [requestVote(2, 1), restart, requestVote(3, 1)]));
  const tap = reportTap(await runConformance(adapter, set), ({ from }) => `walk "${from}"`);
  expect(tap).toMatch(/lost by the restart:\n +- "votedFor: expected 2, got nobody"\n/);
  expect(tap).toMatch(/^ +replay: "walk \\"forgets\\""$/m);
  expect(JSON.stringify(Parser.parse(tap))).not.toContain('"extra"');
});

test('TAP with nothing but what is expected passes', () => {
  const all = findingsIn(report).map(({ signature }) => ({ finding: signature, reason: 'known # 7' }));
  const tap = reportTap(withExpected(report, all, true));
  expect(tap).toContain('# TODO known \\# 7');
  expect(resultOf(tap)).toMatchObject({ ok: true, fail: 0 });
});

const elementsOf = (element: XmlElement): readonly XmlElement[] => [
  element,
  ...element.children.flatMap(elementsOf),
];

test('HTML is one page with the findings, the most dangerous first, a picture each, and nothing to load or to run', () => {
  const html = reportHtml(report, ({ from }) => `walk '${from}' <again>`);
  const page = elementsOf(parseXml(html));
  const named = (name: string) => page.filter((each) => each.name === name);
  expect(named('title')[0]!.text).toBe('<b> & #1 "2": conformance to Raft');
  const articles = named('article');
  expect(articles).toHaveLength(findingsIn(report).length);
  const classes = articles.map((each) => elementsOf(each).find(({ name }) => name === 'span')!.text);
  expect(classes).toEqual(findingsIn(report).map(({ breaks }) => breaks));
  expect(classes[0]).toBe('safety');
  for (const article of articles) {
    expect(elementsOf(article).filter(({ name }) => name === 'svg')).toHaveLength(1);
  }
  expect(html).toContain("walk 'votes' &lt;again&gt;");
  expect(html).toContain('prefers-color-scheme:dark');
  const ids = page.flatMap(({ attributes }) => attributes.id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const name of ['script', 'link', 'img', 'iframe']) expect(named(name)).toEqual([]);
  expect(html).not.toMatch(/url\(|@import/);
});

test('HTML says when there is nothing to find', async () => {
  const fine = await runConformance(new ChartAdapter(), setOf(pathOf('votes', three, [requestVote(2, 1)])));
  expect(reportHtml(fine)).toContain('<p>None.</p>');
});

test('a picture shows, request by request, what should have been answered and what was, and where that is wrong', () => {
  const pictures = picturesOf(report);
  expect(pictures.map(({ name }) => name)).toEqual([
    '1-safety-votes.svg',
    '1-safety-votes.mmd',
    '2-liveness-follows.svg',
    '2-liveness-follows.mmd',
  ]);
  expect(pictures[0]!.text).toMatch(/^<svg [\s\S]*path votes[\s\S]*<\/svg>\s*$/);
  const [left, right, second] = ['node_expected__node_1', 'node_observed__node_1', 'node_node_3'];
  const lines = pictures[1]!.text.split('\n').map((line) => line.trim());
  expect(lines.slice(1, 6)).toEqual([
    'sequenceDiagram',
    `participant ${left} as expected: node 1`,
    'participant node_node_2 as node 2',
    `participant ${second} as node 3`,
    `participant ${right} as observed: node 1`,
  ]);
  expect(lines.slice(-9)).toEqual([
    `${second}->>${left}: RequestVote t1 log 0/t0`,
    `${second}->>${right}: RequestVote t1 log 0/t0`,
    `${left}->>${second}: RequestVoteResponse t1 no`,
    `Note over ${left}: follower, term 1, vote 2, commit 0, log empty`,
    `${right}->>${second}: RequestVoteResponse t1 yes`,
    `Note over ${right}: follower, term 1, vote 2, commit 0, log empty`,
    `Note over ${right}: ✗ wrong: message`,
    'end',
    '',
  ]);
});
