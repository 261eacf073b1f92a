import { SaxesParser } from 'saxes';
import { beforeAll, expect, test } from 'vitest';
import type { ConformanceReport, SubjectReport } from '../../src/conformance/report.ts';
import { reportJson } from '../../src/conformance/report-json.ts';
import { junitReporter } from '../../src/conformance/report-junit.ts';
import { reportText } from '../../src/conformance/report-text.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, restart, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];

/** A node that grants whatever it is asked for, and says so with quotes and angle brackets. */
const set = setOf(
  pathOf('long', three, [
    appendEntries(2, 1, 0, 0, [1]),
    appendEntries(2, 1, 1, 1, [1]),
    appendEntries(2, 1, 2, 1, [], 1),
    restart,
    requestVote(3, 2, 1, 1),
  ]),
  pathOf('short', three, [requestVote(2, 1), requestVote(2, 1)]),
  pathOf('slow', three, [requestVote(2, 1)], 'slow'),
);

let report: ConformanceReport;

beforeAll(async () => {
  const adapter = new ChartAdapter((answer) => ({
    ...answer,
    sent: answer.sent.map((each) =>
      each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
    ),
  }));
  report = await runConformance(adapter, set);
});

test('a report has a finding with a short path that fails so', () => {
  expect(report.paths).toEqual({ passed: 2, failed: 1, notApplicable: 0, notRun: 0 });
  const [rule] = report.rules;
  expect(rule).toMatchObject({ rule: 'Raft paper §5.4.1; Figure 2, RequestVote 2', status: 'failed' });
  const [finding] = rule!.subjects[0]!.findings;
  // The heartbeat is left out; without the restart a lease would be in the way of the vote.
  const told = finding!.requests.map((request) => request.do);
  expect(told).toEqual(['init', 'deliver', 'deliver', 'restart', 'deliver']);
});

test('the text begins with what fails, and tells it in plain words', () => {
  const lines = reportText(report).split('\n');
  const at = lines.findIndex((line) => line.startsWith('FAIL'));
  expect(at).toBeGreaterThan(0);
  expect(lines.slice(0, at).some((line) => line.startsWith('pass'))).toBe(false);
  expect(lines).toContain(
    '             to 3 expected RequestVoteResponse of term 2: refused, got RequestVoteResponse of term 2: granted',
  );
  expect(lines.slice(-3, -1)).toEqual(['paths: 1 failed, 2 passed, 0 not applicable', 'findings: 1 safety']);
});

test('the text tells of many differences, and of long ones, by a few', async () => {
  const many = new ChartAdapter((answer, { do: what }) =>
    what === 'deliver' ? { ...answer, sent: Array(1000).fill(answer.sent[0]) } : answer,
  );
  const told = reportText(await runConformance(many, setOf(pathOf('p', three, [requestVote(2, 1)])))).split(
    '\n',
  );
  expect(told).toContain('             … and 979 more like these');
  expect(told.length).toBeLessThan(60);
  const long = new ChartAdapter((answer, { do: what }) =>
    what === 'deliver' ? { ...answer, state: { ...answer.state, log: Array(9999).fill(1) } } : answer,
  );
  const line = reportText(await runConformance(long, setOf(pathOf('p', three, [requestVote(2, 1)]))));
  expect(Math.max(...line.split('\n').map(({ length }) => length))).toBeLessThan(1100);
});

test('the JUnit report is well-formed, and counts what failed', async () => {
  const names: string[] = [];
  const skipped: unknown[] = [];
  let output = '';
  let failures = 0;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testsuite') names.push(attributes.name as string);
    if (name === 'failure') failures++;
    if (name === 'skipped') skipped.push(attributes.message);
  });
  parser.on('cdata', (text) => {
    output += text;
  });
  parser.write((await junitReporter())(report, ({ from }) => `walk ${from}`)).close();
  const applies = ({ status }: SubjectReport) => status !== 'passed' && status !== 'failed';
  const unjudged = report.rules.flatMap(({ subjects }) => subjects.filter(applies));
  expect(unjudged.length).toBeGreaterThan(0);
  expect(skipped).toEqual(unjudged.map(({ reason }) => reason));
  expect(output).toContain('replay: walk long');
  expect(names).toEqual(report.rules.map(({ rule }) => rule));
  expect(failures).toBe(1);
});

test('the JSON report is plain data that repeats the finding', () => {
  const json = JSON.parse(reportJson(report));
  expect(json).toMatchObject({ version: 1, implementation: { name: 'chart' }, paths: { failed: 1 } });
  const [finding] = json.rules[0].subjects[0].findings;
  expect(finding).toMatchObject({ from: 'long', paths: 1, differences: [{ kind: 'message' }] });
  expect(finding).toMatchObject({ breaks: 'safety', expected: null, flaky: null, later: null });
  expect(finding.path).toMatchObject({ id: finding.path.id, disk: 'prompt' });
  expect(finding.requests[0]).toMatchObject({ do: 'init', version: 1 });
});
