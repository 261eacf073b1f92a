import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { NotExpressible } from '../../../src/trace/etcd-trace.ts';
import { etcdCorrupted } from './etcd-corruption.ts';
import { type EtcdRun, etcdRun, judgedAsEtcds } from './etcd-runs.ts';
import { etcdTraceSchema } from './etcd-schema.ts';
import type { Line } from './traced-runs.ts';

const runs: readonly EtcdRun[] = [
  ...Array.from(
    { length: 10 },
    (_, at) => ({ seed: at + 1, dialect: 'etcd', faults: 'none', durationMs: 1000 }) as const,
  ),
  ...Array.from(
    { length: 5 },
    (_, at) => ({ seed: at + 1, dialect: 'etcd', faults: 'partition=500ms', durationMs: 1500 }) as const,
  ),
  ...Array.from(
    { length: 10 },
    (_, at) => ({ seed: at + 1, dialect: 'etcd-persist', faults: 'default', durationMs: 1400 }) as const,
  ),
  ...Array.from(
    { length: 10 },
    (_, at) =>
      ({
        seed: at + 1,
        dialect: 'etcd-persist',
        faults: 'crash=400ms,partition=800ms',
        durationMs: 1500,
        nodes: 3,
      }) as const,
  ),
];

/** Where etcd's specification would go no further, of what no rule of the chart asks: a message arrives once, after a Ready, and a leader sends nothing from before a known match. */
const specificationFault = (lines: readonly Line[]): string | null => {
  const queued = new Map<string, string[]>();
  const under = new Map<string, number>();
  const matches = new Map<string, number>();
  for (const { event } of lines) {
    const { name, nid, msg } = event;
    const key = JSON.stringify(msg);
    if (name === 'InitState') queued.delete(nid);
    if (name === 'Ready') {
      for (const each of queued.get(nid) ?? []) under.set(each, (under.get(each) ?? 0) + 1);
      queued.delete(nid);
    } else if (name.startsWith('Send')) {
      queued.set(nid, [...(queued.get(nid) ?? []), key]);
      if (msg.type === 'MsgApp' && msg.index < (matches.get(`${nid} ${msg.to} ${msg.term}`) ?? 0))
        return `goes back: ${key}`;
    } else if (name.startsWith('Receive')) {
      if ((under.get(key) ?? 0) === 0) return `is not under way: ${key}`;
      under.set(key, under.get(key)! - 1);
      const match = `${nid} ${msg.from} ${msg.term}`;
      if (msg.type === 'MsgAppResp' && !msg.reject)
        matches.set(match, Math.max(matches.get(match) ?? 0, msg.index));
    }
  }
  return null;
};

const numbers = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
};

describe('our own runs, told as etcd tells its own', () => {
  it('are accepted, crashes and partitions included, and keep the format', async () => {
    let told = 0;
    for (const run of runs) {
      let lines: readonly Line[];
      try {
        lines = await etcdRun(run);
      } catch (error) {
        if (!(error instanceof NotExpressible)) throw error;
        expect(run).toMatchObject({ dialect: 'etcd' });
        continue;
      }
      told++;
      const { rejection, at } = judgedAsEtcds(lines);
      expect(rejection, `${JSON.stringify(run)}, line ${at + 1}: ${JSON.stringify(lines[at])}`).toBeNull();
      for (const line of lines) v.parse(etcdTraceSchema, line);
      expect(specificationFault(lines), JSON.stringify(run)).toBeNull();
    }
    expect(told).toBeGreaterThanOrEqual(30);
  });

  it('are rejected if a field that a rule reads is changed, a line that the rest needs is missing, or two are swapped', async () => {
    const missed: string[] = [];
    let count = 0;
    for (const seed of [1, 2, 3]) {
      const lines = await etcdRun({
        seed,
        dialect: 'etcd-persist',
        faults: 'default',
        durationMs: 900,
        nodes: 3,
      });
      const chance = numbers(seed);
      for (let turn = 0; turn < 60; turn++) {
        const kind = (['field', 'drop', 'swap'] as const)[turn % 3]!;
        const made = etcdCorrupted(lines, kind, chance);
        count++;
        if (judgedAsEtcds(made.lines).rejection === null) missed.push(made.text);
      }
    }
    console.log(`corrupted traces in etcd's format: ${count - missed.length} of ${count} rejected`);
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(count * 0.05);
  });
});

describe("etcd's own lines", () => {
  const conf: Record<string, readonly string[]> = {};
  /** `nid name role term vote commit log`, with what it sends or receives. */
  const line = (text: string, msg?: Line): Line => {
    const [nid, name, role, term, vote, commit, log] = text.split(' ') as [string, ...string[]];
    const state = { term: Number(term), vote, commit: Number(commit) };
    const event = {
      name,
      nid,
      state,
      role: `State${role}`,
      log: Number(log),
      Applied: 0,
      conf: [conf[nid] ?? [], []],
    };
    return {
      level: 'debug',
      ts: 1.5,
      caller: 'trace_logger.go:42',
      msg: 'trace',
      tag: 'trace',
      event: { ...event, ...(msg && { msg }) },
    };
  };
  const message = (type: string, from: string, to: string, term: number, more: Line = {}): Line => ({
    ...{
      type,
      term,
      from,
      to,
      entries: 0,
      logTerm: 0,
      index: 0,
      commit: 0,
      vote: '0',
      reject: false,
      rejectHint: 0,
    },
    ...more,
  });

  const setUp = (nid: string): readonly Line[] => {
    conf[nid] = [];
    const begun = [line(`${nid} InitState Follower 0 0 0 0`), line(`${nid} BecomeFollower Follower 1 0 0 0`)];
    const members = [line(`${nid} ApplyConfChange Follower 1 0 2 2`)];
    conf[nid] = ['1', '2'];
    return [
      ...begun,
      ...members,
      line(`${nid} Bootstrap Follower 1 0 2 2`),
      line(`${nid} Ready Follower 1 0 2 2`),
    ];
  };
  const vote = message('MsgVote', '1', '2', 2, { logTerm: 1, index: 2 });
  const own = message('MsgVoteResp', '1', '1', 2);
  const granted = message('MsgVoteResp', '2', '1', 2);
  const app = message('MsgApp', '1', '2', 2, { entries: 1, logTerm: 1, index: 2, commit: 2 });
  const ownApp = message('MsgAppResp', '1', '1', 2, { index: 3 });
  const appResp = message('MsgAppResp', '2', '1', 2, { index: 3 });
  const heartbeat = message('MsgHeartbeat', '1', '2', 2, { commit: 3 });
  const heartbeatResp = message('MsgHeartbeatResp', '2', '1', 2);
  const story = (): readonly Line[] => [
    ...setUp('1'),
    ...setUp('2'),
    line('1 BecomeCandidate Candidate 2 1 2 2'),
    line('1 SendRequestVoteResponse Candidate 2 1 2 2', own),
    line('1 SendRequestVoteRequest Candidate 2 1 2 2', vote),
    line('1 Ready Candidate 2 1 2 2'),
    line('2 ReceiveRequestVoteRequest Follower 1 0 2 2', vote),
    line('2 BecomeFollower Follower 2 0 2 2'),
    line('2 SendRequestVoteResponse Follower 2 0 2 2', granted),
    line('2 Ready Follower 2 1 2 2'),
    // Its own vote is counted after one of another.
    line('1 ReceiveRequestVoteResponse Candidate 2 1 2 2', granted),
    line('1 ReceiveRequestVoteResponse Candidate 2 1 2 2', own),
    line('1 BecomeLeader Leader 2 1 2 2'),
    line('1 Replicate Leader 2 1 2 2'),
    line('1 SendAppendEntriesResponse Leader 2 1 2 3', ownApp),
    line('1 SendAppendEntriesRequest Leader 2 1 2 3', app),
    line('1 Ready Leader 2 1 2 3'),
    line('1 ReceiveAppendEntriesResponse Leader 2 1 2 3', ownApp),
    line('1 Commit Leader 2 1 2 3'),
    line('2 ReceiveAppendEntriesRequest Follower 2 1 2 2', app),
    line('2 SendAppendEntriesResponse Follower 2 1 2 3', appResp),
    line('2 Ready Follower 2 1 2 3'),
    line('1 ReceiveAppendEntriesResponse Leader 2 1 2 3', appResp),
    line('1 Commit Leader 2 1 3 3'),
    line('1 SendAppendEntriesRequest Leader 2 1 3 3', heartbeat),
    line('1 Ready Leader 2 1 3 3'),
    line('2 ReceiveAppendEntriesRequest Follower 2 1 2 3', heartbeat),
    line('2 SendAppendEntriesResponse Follower 2 1 3 3', heartbeatResp),
    line('2 Ready Follower 2 1 3 3'),
    line('1 ReceiveAppendEntriesResponse Leader 2 1 3 3', heartbeatResp),
    { level: 'info', msg: 'a line of something else' },
    line('1 ApplyConfChange Leader 2 1 3 3'),
    line('2 InitState Follower 2 1 3 3'),
  ];
  const at = (lines: readonly Line[], name: string, nid: string) =>
    lines.findLastIndex(({ event }) => event?.name === name && event.nid === nid);

  it('are accepted, from how the nodes were set up to a restart', () => {
    const { rejection, validator } = judgedAsEtcds(story());
    expect(rejection).toBeNull();
    expect(validator.figures).toMatchObject({ nodes: 2, unseen: 0, retaken: 0 });
    expect(Object.fromEntries(validator.figures.skipped)).toEqual({ 'other lines': 1, ApplyConfChange: 1 });
  });

  it.each<[string, (lines: readonly Line[]) => readonly Line[], RegExp]>([
    [
      'a vote that the rules do not grant',
      (lines) => {
        const voted = message('MsgVoteResp', '2', '1', 2, { reject: true });
        return lines.with(
          at(lines, 'SendRequestVoteResponse', '2'),
          line('2 SendRequestVoteResponse Follower 2 0 2 2', voted),
        );
      },
      /voteGranted: true by the rules, false in the trace/,
    ],
    [
      'a heartbeat that commits more than the follower is known to hold',
      (lines) => {
        const early = lines.findIndex(({ event }) => event?.name === 'Commit' && event.nid === '1');
        return lines.toSpliced(
          early + 1,
          0,
          line(
            '1 SendAppendEntriesRequest Leader 2 1 2 3',
            message('MsgHeartbeat', '1', '2', 2, { commit: 2 }),
          ),
        );
      },
      /leaderCommit of a heartbeat: at most 0, which node2 is known to hold, 2 in the trace/,
    ],
    [
      'a message that is received before it has left',
      (lines) => lines.toSpliced(at(lines, 'Ready', '1'), 1),
      /it has not left node1 yet/,
    ],
    [
      'a restart that has forgotten a vote',
      (lines) => [...lines.slice(0, -1), line('2 InitState Follower 2 0 3 3')],
      /on its disk, votedFor: 1 by the rules, null in the trace/,
    ],
    [
      'a restart that has lost an entry which was durable',
      (lines) => [...lines.slice(0, -1), line('2 InitState Follower 2 1 2 2')],
      /on its disk, lastIndex: 3 by the rules, 2 in the trace/,
    ],
  ])('are rejected for %s', (_, change, reason) => {
    const { rejection } = judgedAsEtcds(change(story()));
    expect(rejection?.reasons.join('\n')).toMatch(reason);
  });

  it('that begin in the middle are accepted as partial, and still rejected for two leaders of one term', () => {
    const later = story().slice(at(story(), 'BecomeLeader', '1'));
    expect(judgedAsEtcds(later).rejection?.reasons).toEqual([
      'the trace does not show how node1 has started; --partial accepts that',
    ]);
    expect(judgedAsEtcds(later, { isPartial: true }).rejection).toBeNull();
    const both = [...later, line('2 BecomeLeader Leader 2 1 3 3')];
    expect(judgedAsEtcds(both, { isPartial: true }).rejection?.reasons).toEqual(['node1 leads term 2']);
  });
});
