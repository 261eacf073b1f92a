import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import type { Finding } from '../../src/conformance/finding.ts';
import type { ConformanceReport } from '../../src/conformance/report.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { adapterPatienceMs } from '../conformance/adapter-patience.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const folder = fileURLToPath(new URL('../../examples/conformance-pysyncobj/', import.meta.url));
const versionFile = '/usr/lib/python3/dist-packages/pysyncobj/version.py';

const tested = '0.3.11';
const isThere = existsSync(versionFile) && readFileSync(versionFile, 'utf8').includes(`'${tested}'`);
if (!isThere) {
  console.warn(
    `PySyncObj is not tested here; it takes version ${tested}: apt-get install python3-pysyncobj (Debian 12)`,
  );
}

/** What the README calls a finding of safety, by the branch where it shows. */
const unsafe = [
  'raft.candidate/RequestVoteResponse/1',
  'raft.follower/AppendEntries/2',
  'raft.follower/RequestVote/0',
  'raft.leader/AppendEntriesResponse/7',
];

describe.skipIf(!isThere)('PySyncObj under the conformance kit', () => {
  let adapter: AdapterProcess;
  let report: ConformanceReport;
  let findings: readonly Finding[];

  beforeAll(async () => {
    adapter = new AdapterProcess(`'${folder}adapter.py'`, adapterPatienceMs);
    report = await runConformance(adapter, generatedPathsFor);
    findings = findingsOf(report);
  }, makingMs);

  afterAll(() => adapter?.close());

  test('breaks safety where the README says, and nowhere else', () => {
    const found = findings.filter(({ breaks }) => breaks === 'safety').map(({ subject }) => subject.id);
    expect([...new Set(found)].sort()).toEqual(unsafe);
  });

  test('fails at no branch that the README does not explain', () => {
    const readme = readFileSync(`${folder}README.md`, 'utf8');
    for (const { subject } of findings) expect(readme).toContain(subject.description);
    // The adapter itself must not be what fails.
    expect(findings.filter(({ differences }) => differences.some(({ kind }) => kind === 'broken'))).toEqual(
      [],
    );
    expect(report.implementation).toEqual({ name: 'PySyncObj', version: tested });
    expect(report.rules.filter(({ status }) => status === 'notReached')).toEqual([]);
    expect(report.paths.passed).toBeGreaterThan(100);
  });

  test('votes twice in a term: a restart has lost term and vote (Figure 2, State)', () => {
    const [found] = findings.filter(({ subject }) => subject.id === 'raft.follower/RequestVote/0');
    expect(found?.lost.map(({ kind }) => kind)).toEqual(['term', 'votedFor']);
    expect(textsOf(found!)).toMatch(/refused, got RequestVoteResponse of term \d+: granted/);
  });

  test('becomes leader of five by one voter that is heard twice (paper §5.2)', () => {
    const [found] = findings.filter(({ subject }) => subject.id === 'raft.candidate/RequestVoteResponse/1');
    expect(found?.path.voters).toHaveLength(5);
    expect(found?.path.steps.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, true]);
    expect(textsOf(found!)).toContain('role: expected candidate, got leader');
  });

  test('deletes entries that match and are committed (Figure 2, AppendEntries 3)', () => {
    const [found] = findings.filter(
      ({ subject, breaks }) => subject.id === 'raft.follower/AppendEntries/2' && breaks === 'safety',
    );
    expect(found?.path.steps.at(-2)?.expect.commitIndex).toBe(2);
    expect(textsOf(found!)).toContain('log: expected 1 1, got 1');
  });

  test('commits an entry of an earlier term by counting replicas (paper §5.4.2)', () => {
    const found = findings.find(
      ({ subject, breaks }) => subject.id === 'raft.leader/AppendEntriesResponse/7' && breaks === 'safety',
    );
    const { term, log } = found!.path.steps.at(-1)!.expect;
    expect(log[0]).toBeLessThan(term);
    expect(textsOf(found!)).toBe('commitIndex: expected 0, got 1');
  });

  test('takes back an acknowledgement when an earlier one comes late (Figure 2, Leaders)', () => {
    const found = findings.find(
      ({ subject, breaks }) => subject.id === 'raft.leader/AppendEntriesResponse/7' && breaks === 'liveness',
    );
    expect(textsOf(found!)).toBe('commitIndex: expected 4, got 3');
  });

  // It differs in the same thing at the same branch as counting for an earlier term, so the report shows it nowhere.
  test('believes an acknowledgement of an earlier term (paper §5.1)', async () => {
    const one = await runConformance(adapter, (has) => {
      const set = generatedPathsFor(has);
      const title = 'leader: an acknowledgement of an earlier term counts for nothing';
      return { ...set, paths: set.paths.filter((path) => path.title === title) };
    });
    const found = findingsOf(one).find(({ subject }) => subject.id === 'raft.leader/AppendEntriesResponse/7');
    expect(found?.breaks).toBe('safety');
    expect(textsOf(found!)).toContain(', got 3');
  });
});

const findingsOf = ({ rules }: ConformanceReport): readonly Finding[] =>
  rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));

const textsOf = ({ differences }: Finding): string => differences.map(({ text }) => text).join('\n');
