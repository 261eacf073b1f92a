import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import type { Finding } from '../../src/conformance/finding.ts';
import { type AdapterRequest, adapterProtocolVersion } from '../../src/conformance/protocol.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { pathSettings, testedNode } from '../../src/verify/paths/model-node.ts';
import { adapterPatienceMs } from '../conformance/adapter-patience.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const folder = fileURLToPath(new URL('../../examples/conformance-etcd/', import.meta.url));
const library = '/usr/share/gocode/src/go.etcd.io/etcd/raft/raft.go';

const missing = [
  ...(process.env.PATH?.split(delimiter).some((each) => existsSync(join(each, 'go'))) ? [] : ['golang-go']),
  ...(existsSync(library) ? [] : ['golang-etcd-server-dev']),
];
if (missing.length > 0) {
  console.warn(`etcd's raft library is not tested here; it takes: apt-get install ${missing.join(' ')}`);
}

/** Of the departures that the README explains, those that the generated paths are sure to meet. */
const expected = [
  'raft.candidate/RequestVoteResponse/0 role liveness',
  'raft.preCandidate/PreVoteResponse/0 role liveness',
  'raft.preCandidate/RequestVote/2 role liveness',
  'raft/Received/3 redundant+role+term liveness',
];

/** And those that they may meet: it denies its vote to a rival of a leader, and counts whoever rejects an append for its majority. */
const possible = [
  'raft.follower/RequestVote/2 message+votedFor liveness',
  'raft.leader.quorumCheck.listening/after:quorumCheck/0 role liveness',
];

/** An append below the commit index is answered as if it was lost. */
const isBelowCommit = ({ subject, path }: Finding): boolean => {
  const [before, last] = path.steps.slice(-2);
  return (
    subject.id === 'raft.follower/AppendEntries/2' &&
    last?.event.type === 'deliver' &&
    last.event.message.type === 'AppendEntries' &&
    last.event.message.prevLogIndex < before!.expect.commitIndex
  );
};

describe.skipIf(missing.length > 0)("etcd's raft library under the conformance kit", () => {
  let adapter: AdapterProcess;

  beforeAll(() => {
    const build = spawnSync(`${folder}build.sh`, { encoding: 'utf8' });
    expect(build.stderr).toBe('');
    expect(build.status).toBe(0);
    adapter = new AdapterProcess(`'${folder}conformance-etcd'`, adapterPatienceMs);
  }, 240_000);

  afterAll(() => adapter?.close());

  test(
    'differs from the chart only where the README says',
    async () => {
      const report = await runConformance(adapter, generatedPathsFor);
      const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
      const others = findings.filter(
        (finding) => !possible.includes(finding.signature) && !isBelowCommit(finding),
      );
      expect(others.map(({ signature }) => signature).sort()).toEqual(expected);
      const readme = readFileSync(`${folder}README.md`, 'utf8');
      for (const { subject } of others) expect(readme).toContain(subject.description);
      expect(report.rules.filter(({ status }) => status === 'notReached')).toEqual([]);
      expect(report.implementation.name).toBe('etcd raft');
      expect(report.paths.passed).toBeGreaterThan(100);
    },
    makingMs,
  );

  test('answers with the error when the library panics, and starts anew', async () => {
    const init: AdapterRequest = {
      do: 'init',
      version: adapterProtocolVersion,
      id: testedNode,
      voters: [testedNode],
      disk: 'prompt',
      settings: pathSettings,
    };
    await adapter.ask(init);
    expect(await adapter.ask({ do: 'timeout', timer: 'electionTimeout' })).toMatchObject({
      ok: true,
      state: { role: 'leader', term: 1, votedFor: 1, commitIndex: 1, log: [1] },
    });
    expect(await adapter.ask({ do: 'propose', commands: [] })).toEqual({
      ok: false,
      error: 'panic: 1 stepped empty MsgProp',
    });
    expect(await adapter.ask({ do: 'state' })).toEqual({ ok: false, error: 'no node: init comes first' });
    expect(await adapter.ask(init)).toMatchObject({
      ok: true,
      state: { role: 'follower', term: 0, log: [] },
    });
    expect(adapter.starts).toBe(1);
  });
});
