import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import type { AdapterMessage, AdapterRequest, AdapterState } from '../../src/conformance/protocol.ts';
import { adapterProtocolVersion } from '../../src/conformance/protocol.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { pathSettings } from '../../src/verify/paths/model-node.ts';
import type { PathMessage } from '../../src/verify/paths/path.ts';
import { adapterPatienceMs } from '../conformance/adapter-patience.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const folder = fileURLToPath(new URL('../../examples/conformance-c-raft/', import.meta.url));

const missing = [
  ...(['cc', 'pkg-config'] as const)
    .filter((each) => !process.env.PATH?.split(delimiter).some((path) => existsSync(join(path, each))))
    .map((each) => (each === 'cc' ? 'gcc' : each)),
  ...(existsSync('/usr/include/raft.h') ? [] : ['libraft-dev']),
  ...(existsSync('/usr/include/jansson.h') ? [] : ['libjansson-dev']),
];
if (missing.length > 0) {
  console.warn(`C raft is not tested here; it takes: apt-get install ${missing.join(' ')}`);
}

/** What the README says breaks safety. */
const safety = [
  'raft.follower/AppendEntries/2 commitIndex+message safety',
  'raft.follower/AppendEntries/2 message safety',
  'raft.leader/AppendEntriesResponse/7 commitIndex safety',
];

/** Of the others, those that the generated paths are sure to meet. */
const liveness = [
  'raft.candidate/after:electionTimeout/0 missing+redundant+role+term liveness',
  'raft.follower.leased/Received/0 redundant liveness',
  'raft.leader/AppendEntriesResponse/7 commitIndex liveness',
  'raft.leader/Received/0 redundant liveness',
  'raft.preCandidate/PreVote/0 message liveness',
  'raft.preCandidate/RequestVote/2 role liveness',
  'raft/Received/1 role+term liveness',
  'raft/Received/1 role+term+votedFor liveness',
  'raft/Received/2 message liveness',
];

/** And those that they may meet. */
const possible = [
  'raft.candidate/PreVote/0 message liveness',
  'raft.follower/PreVote/0 message liveness',
  'raft.follower/Received/0 term liveness',
  'raft.follower/Received/0 term+votedFor liveness',
  'raft.leader.quorumCheck.listening/after:quorumCheck/0 redundant+role liveness',
];

/** A server of a cluster of which the test is the network. */
class Server {
  readonly #adapter = new AdapterProcess(`'${folder}conformance-c-raft'`, adapterPatienceMs);
  readonly #id: number;
  state: AdapterState | undefined;

  constructor(id: number) {
    this.#id = id;
  }

  async ask(request: AdapterRequest): Promise<readonly AdapterMessage[]> {
    const answer = await this.#adapter.ask(request);
    if (!answer.ok) throw new Error(answer.error);
    this.state = answer.state;
    return answer.sent;
  }

  readonly start = (voters: readonly number[]) =>
    this.ask({
      do: 'init',
      version: adapterProtocolVersion,
      id: this.#id,
      voters,
      disk: 'prompt',
      settings: pathSettings,
    });

  readonly close = () => this.#adapter.close();

  readonly timeout = (timer: 'electionTimeout' | 'heartbeatInterval' | 'quorumCheck') =>
    this.ask({ do: 'timeout', timer });

  /** Takes of `messages` those to this server; returns what it sends because of them. */
  async take(messages: readonly AdapterMessage[]): Promise<readonly AdapterMessage[]> {
    const sent: AdapterMessage[] = [];
    for (const message of messages.filter(({ to }) => to === this.#id)) {
      sent.push(...(await this.ask({ do: 'deliver', message: message as PathMessage })));
    }
    return sent;
  }

  /** Campaigns until these have elected it; returns its first messages as a leader, which nobody has heard yet. */
  async campaign(...voters: readonly Server[]): Promise<readonly AdapterMessage[]> {
    for (let tries = 0; tries < 3; tries++) {
      let sent = await this.timeout('electionTimeout');
      while (this.state!.role !== 'leader' && sent.length > 0) {
        const answers: AdapterMessage[] = [];
        for (const voter of voters) answers.push(...(await voter.take(sent)));
        sent = await this.take(answers);
      }
      if (this.state!.role === 'leader') return sent;
    }
    throw new Error('not elected');
  }
}

describe.skipIf(missing.length > 0)('C raft under the conformance kit', () => {
  const servers = [1, 2, 3, 4, 5].map((id) => new Server(id));
  const [one, two, three, four, five] = servers as [Server, Server, Server, Server, Server];

  beforeAll(() => {
    const build = spawnSync(`${folder}build.sh`, { encoding: 'utf8' });
    expect(build.stderr).toBe('');
    expect(build.status).toBe(0);
  }, 60_000);

  afterAll(() => {
    for (const each of servers) each.close();
  });

  test(
    'differs from the chart only where the README says',
    async () => {
      const adapter = new AdapterProcess(`'${folder}conformance-c-raft'`, adapterPatienceMs);
      const report = await runConformance(adapter, generatedPathsFor);
      adapter.close();
      const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
      const sure = findings.filter(({ signature }) => !possible.includes(signature));
      const ranked = (breaks: string) =>
        sure.filter((each) => each.breaks === breaks).map(({ signature }) => signature);
      expect(ranked('safety').sort()).toEqual(safety);
      expect(ranked('liveness').sort()).toEqual(liveness);
      expect(sure.length).toBe(safety.length + liveness.length);
      const readme = readFileSync(`${folder}README.md`, 'utf8');
      for (const { subject } of sure) expect(readme).toContain(subject.description);
      expect(report.implementation).toEqual({ name: 'C raft', version: expect.stringMatching(/^0\./) });
      expect(report.paths.passed).toBeGreaterThan(100);
      expect(adapter.starts).toBe(1);
    },
    makingMs,
  );

  test('three of its servers lose committed entries: a follower acknowledges what it was not sent', async () => {
    for (const each of [one, two, three]) await each.start([1, 2, 3]);
    await two.campaign(three);
    await two.ask({ do: 'propose', commands: ['x', 'y'] });
    await two.timeout('quorumCheck');
    expect(two.state).toMatchObject({ role: 'follower', log: [1, 1], commitIndex: 0 });

    const announcement = await one.campaign(three);
    await one.ask({ do: 'propose', commands: ['a', 'b'] });
    const acknowledged = await two.take(announcement);
    expect(acknowledged).toMatchObject([{ success: true, matchIndex: 2 }]);
    await one.take(acknowledged);
    expect(one.state).toMatchObject({ role: 'leader', log: [2, 2], commitIndex: 2 });
    expect(two.state!.log).toEqual([1, 1]);
    expect(three.state!.log).toEqual([]);

    for (const each of [two, three]) await each.ask({ do: 'restart' });
    let sent = await two.campaign(three);
    for (let heartbeats = 0; heartbeats < 5; heartbeats++) {
      await two.take(await three.take(sent));
      sent = await two.timeout('heartbeatInterval');
    }
    for (const each of [two, three]) expect(each.state).toMatchObject({ log: [1, 1], commitIndex: 2 });
  });

  test('five of its servers have two leaders in one term: who hands over votes twice', async () => {
    for (const each of servers) await each.start([1, 2, 3, 4, 5]);
    const announcement = await one.campaign(two, three, four, five);
    for (const each of [two, three]) await each.take(announcement);

    const campaign = await two.take(await one.ask({ do: 'transfer', target: 2 }));
    await two.take(await three.take(campaign));
    await one.take(await three.take(await one.timeout('heartbeatInterval')));
    expect(one.state).toMatchObject({ role: 'follower', term: 2, votedFor: null });

    await four.campaign(one, five);
    expect(one.state).toMatchObject({ term: 2, votedFor: 4 });
    await two.take(await one.take(campaign));
    expect(one.state).toMatchObject({ term: 2, votedFor: 2 });
    for (const each of [two, four]) expect(each.state).toMatchObject({ role: 'leader', term: 2 });
  });

  test('two of its servers refuse each other forever: the longer log has the older term', async () => {
    for (const each of [one, two]) await each.start([1, 2, 3]);
    const append = { type: 'AppendEntries', from: 3, term: 1, prevLogIndex: 0, prevLogTerm: 0 } as const;
    const entry = { term: 1, kind: 'command', payload: 'x' } as const;
    await two.take([{ ...append, to: 2, leaderCommit: 0, entries: [entry] }]);
    await one.take([{ ...append, to: 1, leaderCommit: 0, entries: [] }]);
    await one.timeout('electionTimeout');
    await one.take([{ type: 'PreVoteResponse', from: 3, to: 1, term: 2, voteGranted: true }]);
    await one.timeout('electionTimeout');
    await one.ask({ do: 'restart' });
    for (let tries = 0; tries < 5; tries++) {
      for (const asker of [one, two]) {
        const asked = asker === one ? two : one;
        const answers = await asked.take(await asker.timeout('electionTimeout'));
        expect(answers).toMatchObject([{ type: 'PreVoteResponse', voteGranted: false }]);
        expect(await asker.take(answers)).toEqual([]);
      }
    }
    expect([one.state!.term, two.state!.term]).toEqual([3, 1]);
  });
});
