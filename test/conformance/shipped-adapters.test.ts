import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import type { Finding } from '../../src/conformance/finding.ts';
import type { AdapterRequest } from '../../src/conformance/protocol.ts';
import type { ConformanceReport } from '../../src/conformance/report.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { adapterPatienceMs } from './adapter-patience.ts';

const run = async (command: string): Promise<ConformanceReport> => {
  const adapter = new AdapterProcess(`'${process.execPath}' ${command}`, adapterPatienceMs);
  try {
    return await runConformance(adapter, generatedPathsFor);
  } finally {
    adapter.close();
  }
};

// Its clock stands still when it is driven, so reads by lease are left to the model.
test(
  'our own node passes every generated path, and every rule applies to it but those of lease reads',
  async () => {
    const report = await run('src/cli/raftchart.ts adapter');
    const { paths } = generatedPathsFor(chartCapabilities);
    const leased = paths.filter(({ settings }) => settings.leaseReads).length;
    const passed = paths.length - leased;
    expect(report.paths).toEqual({ passed, failed: 0, notApplicable: leased, notRun: 0 });
    expect(report.rules.filter(({ status }) => status === 'failed')).toEqual([]);
  },
  makingMs,
);

describe('liferaft 1.0.0', () => {
  let findings: readonly Finding[];
  let report: ConformanceReport;

  beforeAll(async () => {
    report = await run('examples/conformance-liferaft/adapter.ts');
    findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
  }, makingMs);

  type Message = Extract<AdapterRequest, { do: 'deliver' }>['message'];
  const deliveredIn = ({ requests }: Finding): readonly Message[] =>
    requests.flatMap((request) => (request.do === 'deliver' ? [request.message] : []));
  const textsOf = ({ differences }: Finding) => differences.map(({ text }) => text).join('\n');

  test('grants two votes in one term over a restart (paper §5.2)', () => {
    const found = findings.filter((finding) => {
      const last = deliveredIn(finding).at(-1);
      const votedBefore = finding.path.steps
        .slice(0, -1)
        .some(
          ({ expect: { term, votedFor } }) =>
            term === last?.term && votedFor !== null && votedFor !== last.from,
        );
      return (
        last?.type === 'RequestVote' &&
        votedBefore &&
        finding.requests.at(-2)?.do === 'restart' &&
        /refused, got RequestVoteResponse of term \d+: granted/.test(textsOf(finding))
      );
    });
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.lost.map(({ kind }) => kind)).toContain('votedFor');
  });

  test('counts one voter twice (paper §5.2)', () => {
    const found = findings.filter((finding) => {
      const votes = deliveredIn(finding).filter((each) => each.type === 'RequestVoteResponse');
      return (
        finding.path.voters.length === 5 &&
        votes.length === 2 &&
        votes[0]!.from === votes[1]!.from &&
        textsOf(finding).includes('role: expected candidate, got leader')
      );
    });
    expect(found.length).toBe(1);
  });

  test('accepts an append whose previous term does not match (paper §5.3)', () => {
    const found = findings.filter((finding) => {
      const last = deliveredIn(finding).at(-1);
      const before = finding.path.steps.at(-2)?.expect.log ?? [];
      return (
        last?.type === 'AppendEntries' &&
        before[last.prevLogIndex - 1] !== undefined &&
        before[last.prevLogIndex - 1] !== last.prevLogTerm &&
        // Instead of refusing it, it acts on it.
        /expected AppendEntriesResponse of term \d+: rejected/.test(textsOf(finding)) &&
        finding.differences.some(({ kind }) => kind === 'log' || kind === 'commitIndex')
      );
    });
    expect(found.length).toBeGreaterThan(0);
  });

  test('fails at no rule that its example does not explain', () => {
    const readme = readFileSync('examples/conformance-liferaft/README.md', 'utf8');
    const failed = report.rules.flatMap(({ subjects }) =>
      subjects.filter(({ status }) => status === 'failed'),
    );
    for (const { subject } of failed) expect(readme).toContain(subject.description);
    // The adapter itself must not be what fails.
    expect(findings.filter((finding) => textsOf(finding).includes('it cannot do that'))).toEqual([]);
  });
});
