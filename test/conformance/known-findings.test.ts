import { beforeAll, describe, expect, test } from 'vitest';
import { expectedText, parseExpected, withExpected } from '../../src/conformance/known-findings.ts';
import { type ConformanceReport, findingsIn } from '../../src/conformance/report.ts';
import { reportJson } from '../../src/conformance/report-json.ts';
import { junitReporter } from '../../src/conformance/report-junit.ts';
import { reportTap } from '../../src/conformance/report-tap.ts';
import { reportText } from '../../src/conformance/report-text.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];
let report: ConformanceReport;
let finding: string;

beforeAll(async () => {
  const adapter = new ChartAdapter((answer, request) =>
    request.do === 'deliver' && request.message.type === 'RequestVote' ? { ...answer, sent: [] } : answer,
  );
  const set = setOf(
    pathOf('votes', three, [requestVote(2, 1)]),
    pathOf('follows', three, [appendEntries(2, 1, 0, 0, [1])]),
  );
  report = await runConformance(adapter, set);
  finding = findingsIn(report)[0]!.signature;
});

const reason = 'it answers votes by carrier pigeon';

test('what is expected is marked, with the reason, in each report', async () => {
  const marked = withExpected(report, [{ finding, reason }], true);
  expect(marked.gone).toEqual([]);
  expect(findingsIn(marked).map(({ expected }) => expected)).toEqual([reason]);
  expect(reportText(marked)).toContain(`          EXPECTED: ${reason}\n`);
  expect(reportText(marked)).toContain('findings: 1 liveness; 1 of them expected\n');
  expect(JSON.parse(reportJson(marked)).rules[0].subjects[0].findings[0].expected).toBe(reason);
  // A build does not fail for it.
  const junit = (await junitReporter())(marked);
  expect(junit).not.toContain('<failure');
  expect(junit).toContain(`EXPECTED: ${reason}`);
  expect(junit).toContain(`<skipped message="expected: ${reason}"/>`);
  expect(reportTap(marked)).toContain(`# TODO ${reason}\n`);
});

test('what is new comes before what is expected and breaks the same', async () => {
  // Silent to votes and appends: two findings of liveness.
  const silent = new ChartAdapter((answer, { do: what }) =>
    what === 'deliver' ? { ...answer, sent: [] } : answer,
  );
  const set = setOf(
    pathOf('votes', three, [requestVote(2, 1)]),
    pathOf('follows', three, [appendEntries(2, 1, 0, 0, [1])]),
  );
  const found = await runConformance(silent, set);
  const [first, second, ...more] = findingsIn(found).map(({ signature }) => signature);
  expect([first, second].every((each) => each?.endsWith('liveness'))).toBe(true);
  expect(more).toEqual([]);
  for (const [known, fresh] of [
    [first!, second!],
    [second!, first!],
  ] as const) {
    const marked = withExpected(found, [{ finding: known, reason }], true);
    expect(findingsIn(marked).map(({ signature }) => signature)).toEqual([fresh, known]);
    const failing = marked.rules.filter(({ status }) => status === 'failed');
    expect(failing.map(({ subjects }) => subjects[0]!.findings[0]!.signature)).toEqual([fresh, known]);
    const text = reportText(marked);
    expect(text.lastIndexOf('breaks liveness')).toBeLessThan(text.indexOf('EXPECTED'));
  }
});

test('what was expected and is not found is gone, in one line, unless not all was looked at', async () => {
  const other = { finding: 'raft.leader/Received/3 role', reason: 'known since 2019' };
  const marked = withExpected(report, [{ finding, reason }, other], true);
  expect(marked.gone).toEqual([other]);
  const line = 'GONE: raft.leader/Received/3 role is no longer found; it was expected: known since 2019';
  expect(reportText(marked).split('\n')).toContain(line);
  expect((await junitReporter())(marked)).toContain(`<failure message="${line}"`);
  expect(reportTap(marked)).toContain(`not ok 1 - ${line}\n`);
  expect(withExpected(report, [other], false).gone).toEqual([]);
  expect(withExpected({ ...report, stopped: 'it hung' }, [other], true).gone).toEqual([]);
});

test('a file is written with the reasons that are known, and refused until the others are filled in', () => {
  const empty = expectedText(report);
  expect(() => parseExpected(empty)).toThrow(
    `"${finding}" is expected without a reason: say why it may be so`,
  );
  const filled = empty.replace('"reason": ""', `"reason": "${reason}"`);
  expect(parseExpected(filled)).toEqual([{ finding, reason }]);
  expect(expectedText(withExpected(report, parseExpected(filled), true))).toBe(filled);
});

describe('a file of expected findings is refused, with one line, if', () => {
  const file = (change: object, ...findings: readonly object[]) =>
    JSON.stringify({ format: 'raftchart-expected-findings', version: 1, findings, ...change });
  const known = { finding: 'a', reason: 'b' };
  test.each([
    ['it is not JSON', '{', 'it is not JSON'],
    ['it is something else', '{}', 'format: Invalid key'],
    ['its version is another', file({ version: 2 }), 'version: Invalid type: Expected 1 but received 2'],
    ['a field is unknown', file({}, { ...known, kind: 'role' }), 'findings.0.kind: Invalid key'],
    ['a reason is missing', file({}, { finding: 'a' }), 'findings.0.reason: Invalid key'],
    ['a reason is blank', file({}, { finding: 'a', reason: ' ' }), '"a" is expected without a reason'],
    ['a finding is there twice', file({}, known, known), '"a" is there twice'],
  ])('%s', (_, text, message) => {
    expect(() => parseExpected(text)).toThrow(message);
  });
});
