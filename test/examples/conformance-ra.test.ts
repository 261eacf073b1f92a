import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import type { AdapterMessage, AdapterRequest, AdapterState } from '../../src/conformance/protocol.ts';
import { adapterProtocolVersion } from '../../src/conformance/protocol.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { pathSettings } from '../../src/verify/paths/model-node.ts';
import type { PathMessage } from '../../src/verify/paths/path.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const folder = fileURLToPath(new URL('../../examples/conformance-ra/', import.meta.url));

const libraries = '/usr/lib/rabbitmq/lib';
const isInstalled =
  process.env.PATH!.split(delimiter).some((path) => existsSync(join(path, 'escript'))) &&
  existsSync(libraries) &&
  readdirSync(libraries).some((each) => existsSync(join(libraries, each, 'plugins/ra-2.2.0')));
if (!isInstalled) {
  console.warn('ra is not tested here; it takes: apt-get install --no-install-recommends rabbitmq-server');
}

/** What the README says breaks safety. */
const safety = [
  'raft.follower/AppendEntries/1 votedFor safety',
  'raft.follower/AppendEntries/2 commitIndex+message safety',
  'raft.follower/AppendEntries/2 log safety',
  'raft.follower/AppendEntries/2 votedFor safety',
  'raft.follower/PreVote/1 votedFor safety',
  'raft.follower/after:electionTimeout/1 votedFor safety',
];

/** Of the others, those that the generated paths are sure to meet. */
const others = [
  'raft.candidate/PreVote/0 missing liveness',
  'raft.candidate/PreVote/1 missing liveness',
  'raft.candidate/after:electionTimeout/0 missing+redundant+role+term liveness',
  'raft.follower/AppendEntries/1 missing liveness',
  'raft.follower/PreVote/0 missing liveness',
  'raft.leader.heartbeat.waiting/after:heartbeatInterval/0 missing liveness',
  'raft.preCandidate/RequestVote/1 missing liveness',
  'raft.preCandidate/RequestVote/2 missing+role+votedFor liveness',
  'raft/Received/1 role+term+votedFor liveness',
];

/** And those that they may meet. */
const possible = [
  'raft.candidate/PreVote/1 role+term+votedFor liveness',
  'raft.follower/AppendEntries/2 log durability',
  'raft.follower/PreVote/0 missing+term+votedFor liveness',
  'raft.follower/PreVote/1 term liveness',
  'raft.follower/Received/0 term liveness',
  'raft.follower/Received/0 term+votedFor liveness',
  'raft.leader/AppendEntriesResponse/7 commitIndex liveness',
  'raft.preCandidate/PreVote/1 term liveness',
];

const command = `'${folder}adapter.sh'`;

/** A server of a cluster of which the test is the network. */
class Server {
  readonly #adapter = new AdapterProcess(command, 30_000);
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

  readonly start = () =>
    this.ask({
      do: 'init',
      version: adapterProtocolVersion,
      id: this.#id,
      voters: [1, 2, 3],
      disk: 'prompt',
      settings: pathSettings,
    });

  readonly close = () => this.#adapter.close();

  readonly timeout = (timer: 'electionTimeout' | 'heartbeatInterval') => this.ask({ do: 'timeout', timer });

  readonly propose = (...commands: string[]) => this.ask({ do: 'propose', commands });

  /** Takes of `messages` those to this server; returns what it sends because of them. */
  async take(messages: readonly AdapterMessage[]): Promise<readonly AdapterMessage[]> {
    const sent: AdapterMessage[] = [];
    for (const message of messages.filter(({ to }) => to === this.#id)) {
      sent.push(...(await this.ask({ do: 'deliver', message: message as PathMessage })));
    }
    return sent;
  }

  /** Campaigns until this voter has elected it; returns its first messages as a leader, which nobody has heard yet. */
  async campaign(voter: Server): Promise<readonly AdapterMessage[]> {
    let sent = await this.timeout('electionTimeout');
    while (this.state!.role !== 'leader' && sent.length > 0) sent = await this.take(await voter.take(sent));
    expect(this.state!.role).toBe('leader');
    return sent;
  }
}

describe.skipIf(!isInstalled)('ra under the conformance kit', () => {
  const servers = [1, 2, 3].map((id) => new Server(id));
  const [one, two, three] = servers as [Server, Server, Server];

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
      const adapter = new AdapterProcess(command, 30_000);
      const report = await runConformance(adapter, generatedPathsFor);
      adapter.close();
      const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
      const sure = findings.filter(({ signature }) => !possible.includes(signature));
      const signatures = (breaks: (each: string) => boolean) =>
        sure.filter((each) => breaks(each.breaks)).map(({ signature }) => signature);
      expect(signatures((breaks) => breaks === 'safety').sort()).toEqual(safety);
      expect(signatures((breaks) => breaks !== 'safety').sort()).toEqual(others);
      const readme = readFileSync(`${folder}README.md`, 'utf8');
      for (const { subject } of sure) expect(readme).toContain(subject.description);
      expect(report.implementation).toEqual({ name: 'ra', version: '2.2.0' });
      expect(report.paths.passed).toBeGreaterThan(300);
      expect(adapter.starts).toBe(1);
    },
    makingMs,
  );

  test('three of its servers apply different commands: a follower commits what the leader has not matched', async () => {
    for (const each of servers) await each.start();
    const first = await three.campaign(one);
    const many = await three.propose(...Array.from({ length: 130 }, (_, nth) => `c${nth}`));
    for (const each of [one, two]) await each.take([...first, ...many]);
    await three.propose('x', 'y');
    expect(three.state).toMatchObject({ commitIndex: 0, log: Array.from({ length: 133 }, () => 1) });

    await one.take(await two.take(await one.campaign(two)));
    const last = await one.propose('a');
    await one.take(await two.take(last));
    expect(one.state).toMatchObject({ role: 'leader', commitIndex: 133 });
    expect(one.state!.log!.slice(131)).toEqual([2, 2]);

    // Of this leader, the last message alone reaches it: it asks for all that it has not applied, and is sent the first 128 entries of that.
    const wanted = await three.take(last);
    expect(wanted).toMatchObject([{ type: 'AppendEntriesResponse', success: false }]);
    const acknowledged = await three.take(await one.take(wanted));
    expect(three.state).toMatchObject({ role: 'follower', term: 2, commitIndex: 133 });
    expect(three.state!.log!.slice(131)).toEqual([1, 1]);

    // And it says that it has the leader's log: nothing comes any more.
    expect(acknowledged).toMatchObject([{ success: true, matchIndex: 133 }]);
    await one.take(acknowledged);
    expect((await one.timeout('heartbeatInterval')).filter(({ to }) => to === 3)).toEqual([]);
  });

  test('votes twice in a term: a pre-vote replaces the vote', async () => {
    await one.start();
    const ask = { to: 1, lastLogIndex: 0, lastLogTerm: 0 } as const;
    const vote = (from: number) =>
      one.take([{ ...ask, type: 'RequestVote', from, term: 1, leadershipTransfer: false }]);
    expect(await vote(2)).toMatchObject([{ to: 2, term: 1, voteGranted: true }]);
    expect(await vote(3)).toMatchObject([{ to: 3, term: 1, voteGranted: false }]);
    await one.take([{ ...ask, type: 'PreVote', from: 3, term: 2 }]);
    expect(await vote(3)).toMatchObject([{ to: 3, term: 1, voteGranted: true }]);
  });

  test('two of its servers elect nobody: a candidate whose log is behind does not answer pre-votes', async () => {
    for (const each of [one, two]) await each.start();
    const append = { type: 'AppendEntries', from: 3, term: 1, prevLogIndex: 0, prevLogTerm: 0 } as const;
    const entry = { term: 1, kind: 'command', payload: 'x' } as const;
    await two.take([{ ...append, to: 2, leaderCommit: 0, entries: [entry] }]);
    await one.timeout('electionTimeout');
    await one.take([{ type: 'PreVoteResponse', from: 3, to: 1, term: 1, voteGranted: true }]);
    for (let tries = 0; tries < 5; tries++) {
      const refused = await two.take(await one.timeout('electionTimeout'));
      expect(refused).toMatchObject([{ type: 'RequestVoteResponse', voteGranted: false }]);
      expect(await one.take(refused)).toEqual([]);
      expect(await one.take(await two.timeout('electionTimeout'))).toEqual([]);
      expect([one.state!.role, two.state!.role]).toEqual(['candidate', 'preCandidate']);
    }
  });
});
