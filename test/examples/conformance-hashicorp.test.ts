import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import {
  type AdapterRequest,
  type AdapterResponse,
  adapterProtocolVersion,
} from '../../src/conformance/protocol.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { pathSettings, testedNode } from '../../src/verify/paths/model-node.ts';
import type { PathMessage } from '../../src/verify/paths/path.ts';
import { adapterPatienceMs } from '../conformance/adapter-patience.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const folder = fileURLToPath(new URL('../../examples/conformance-hashicorp/', import.meta.url));
const library = '/usr/share/gocode/src/github.com/hashicorp/raft/raft.go';

const missing = [
  ...(process.env.PATH?.split(delimiter).some((each) => existsSync(join(each, 'go'))) ? [] : ['golang-go']),
  ...(existsSync(library) ? [] : ['golang-github-hashicorp-raft-dev']),
];
if (missing.length > 0) {
  console.warn(`hashicorp/raft is not tested here; it takes: apt-get install ${missing.join(' ')}`);
}

/** Commits a stale suffix. README.md, finding 1. */
const mostDangerous = 'raft.follower/AppendEntries/2 commitIndex safety';

/** The other departures that the README explains, in the order of `signature`. */
const others = [
  'raft.follower.leased/Received/0 redundant+term+votedFor liveness',
  'raft.leader/progress unsound form',
  'raft/Received/1 role+term+votedFor liveness',
  'raft/Received/1 term+votedFor liveness',
];

describe.skipIf(missing.length > 0)('hashicorp/raft under the conformance kit', () => {
  let adapter: AdapterProcess;

  beforeAll(() => {
    const build = spawnSync(`${folder}build.sh`, { encoding: 'utf8' });
    expect(build.stderr).toBe('');
    expect(build.status).toBe(0);
    adapter = new AdapterProcess(`'${folder}conformance-hashicorp'`, adapterPatienceMs);
  }, 240_000);

  afterAll(() => adapter?.close());

  test(
    'differs from the chart only where the README says, most dangerously in what a follower commits',
    async () => {
      const report = await runConformance(adapter, generatedPathsFor);
      const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
      expect(findings[0]).toMatchObject({ signature: mostDangerous, breaks: 'safety' });
      expect(
        findings
          .slice(1)
          .map(({ signature }) => signature)
          .sort(),
      ).toEqual(others);
      const readme = readFileSync(`${folder}README.md`, 'utf8');
      for (const { subject } of findings) expect(readme).toContain(subject.description);
      expect(report.implementation).toEqual({ name: 'hashicorp/raft', version: '1.1.2' });
      expect(report.paths.passed).toBeGreaterThan(100);
    },
    makingMs,
  );

  describe('asked by hand', () => {
    const ask = (request: AdapterRequest): Promise<AdapterResponse> => adapter.ask(request);
    const deliver = (message: PathMessage) => ask({ do: 'deliver', message });

    beforeEach(() =>
      ask({
        do: 'init',
        version: adapterProtocolVersion,
        id: testedNode,
        voters: [1, 2, 3],
        disk: 'prompt',
        settings: pathSettings,
      }),
    );

    test('a follower commits an entry that its leader has not matched (Figure 2, AppendEntries 5)', async () => {
      const stale = { term: 1, kind: 'command', payload: '' } as const;
      await deliver({ ...append, term: 1, entries: [stale, stale] });
      const empty = { ...append, from: 3, term: 2, prevLogIndex: 1, prevLogTerm: 1, leaderCommit: 2 };
      expect(await deliver(empty)).toMatchObject({ state: { commitIndex: 2, log: [1, 1] } });
    });

    test('a leader takes the refusal of a heartbeat in a newer term for a sign that it still leads', async () => {
      await ask({ do: 'timeout', timer: 'electionTimeout' });
      await deliver({ type: 'RequestVoteResponse', from: 2, to: 1, term: 1, voteGranted: true });
      const accepted = { ...answer, success: true, matchIndex: 1 };
      await deliver(accepted);
      await ask({ do: 'timeout', timer: 'quorumCheck' });
      await ask({ do: 'timeout', timer: 'heartbeatInterval' });
      // Of the two requests that wait, this answers the one about the log; what is left is the heartbeat.
      await deliver({ ...accepted, prevLogIndex: 1 });
      await ask({ do: 'timeout', timer: 'quorumCheck' });
      const refused = await deliver({ ...answer, term: 7, conflictIndex: 1 });
      expect(refused).toMatchObject({ state: { role: 'leader', term: 1 } });
      expect(await ask({ do: 'timeout', timer: 'quorumCheck' })).toMatchObject({ state: { role: 'leader' } });
      expect(await ask({ do: 'timeout', timer: 'quorumCheck' })).toMatchObject({
        state: { role: 'follower' },
      });
    });
  });
});

const append = {
  type: 'AppendEntries',
  from: 2,
  to: 1,
  term: 1,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 0,
} as const satisfies PathMessage;

const answer = {
  type: 'AppendEntriesResponse',
  from: 2,
  to: 1,
  term: 1,
  success: false,
  prevLogIndex: 0,
  matchIndex: 0,
  conflictTerm: 0,
  conflictIndex: 0,
  round: 0,
} as const satisfies PathMessage;
