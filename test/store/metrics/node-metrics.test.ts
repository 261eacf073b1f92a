import { beforeEach, describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../../src/adapters/transport/memory.ts';
import type { NodeStatus, RaftNode } from '../../../src/node/node.ts';
import { startNode } from '../../../src/node/start-node.ts';
import type { ChartStatus } from '../../../src/node/taken-transitions.ts';
import type { Message } from '../../../src/raft/messages.ts';
import { metricTable } from '../../../src/store/metrics/metric-table.ts';
import { NodeMetrics } from '../../../src/store/metrics/node-metrics.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';
import { SingleNode } from '../http/single-node.ts';
import { seriesIn } from './exposition.ts';

const info = { id: 1, clusterId: 'kv "1"\n', version: '1.2.3', nodeVersion: '24.0.0' };
const usage = { logBytes: 8192, snapshotBytes: 512, freeBytes: 1000, totalBytes: 4000 };
const idle = { connections: 0, waiting: 0 };

/** A node whose status, charts and changes a test makes up. */
class ToldNode extends SingleNode {
  told: readonly ChartStatus[] = [];
  #listener: (status: NodeStatus) => void = () => {};

  override charts(): readonly ChartStatus[] {
    return this.told;
  }

  override onChange(listener?: (status: NodeStatus) => void): () => void {
    this.#listener = listener!;
    return () => {};
  }

  become(change: Partial<NodeStatus>): void {
    this.current = { ...this.current, ...change };
    this.#listener(this.current);
  }
}

const leading: Partial<NodeStatus> = {
  role: 'leader',
  term: 7,
  leader: 1,
  configuration: {
    index: 0,
    isCommitted: true,
    voters: [1, 2, 3, 4, 5],
    outgoing: [],
    learners: [6],
    members: {},
  },
  commitIndex: 90,
  lastApplied: 88,
  replayed: 0.5,
  firstLogIndex: 11,
  lastLogIndex: 100,
  snapshot: { index: 20, term: 3, sizeBytes: 4096 },
  peers: [
    { id: 2, link: 'open', wireVersion: 4, endpoint: null, matchIndex: 95 },
    { id: 3, link: 'backingOff', endpoint: null, matchIndex: 10 },
    { id: 4, link: 'open', endpoint: null, matchIndex: 0, refusal: { by: 1, reason: 'another disk' } },
    { id: 5, link: 'open', endpoint: null, matchIndex: 0, snapshot: { index: 20, sentBytes: 1024 } },
    { id: 6, link: 'open', wireVersion: 3, endpoint: null, matchIndex: 100 },
  ],
};

const heartbeat = (from: number, to: number, term: number): Message => ({
  type: 'AppendEntries',
  from,
  to,
  term,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 1,
});

describe('the metrics of a node', () => {
  let nowMs: number;
  let node: ToldNode;
  let metrics: NodeMetrics;
  beforeEach(() => {
    nowMs = 1000;
    node = new ToldNode();
    metrics = new NodeMetrics({ info, usage: async () => usage, nowMs: () => nowMs });
  });
  const scrape = async (load = idle) => seriesIn(await metrics.text(load));
  /** Those whose name or labels match. */
  const matching = async (pattern: RegExp) =>
    Object.fromEntries([...(await scrape())].filter(([series]) => pattern.test(series)));

  it('are those of the table, each told with its type and help, beside those of the process', async () => {
    metrics.serve(node);
    const text = await metrics.text(idle);
    for (const { name, type, help } of metricTable) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_gc_duration_seconds',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });

  it('are named as Prometheus has it', () => {
    const names = metricTable.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, help, labels } of metricTable) {
      expect(name).toMatch(/^raft(_[a-z]+)+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/^[^\n\\]+\.$/);
      expect(labels).not.toContain('le');
    }
  });

  it('say before the node runs what there is to say, and nothing of the node', async () => {
    const series = await scrape({ connections: 3, waiting: 2 });
    expect(series.get('raft_build_info{version="1.2.3",node_version="24.0.0"}')).toBe(1);
    expect(series.get('raft_node_info{node="1",cluster_id="kv \\"1\\"\\n"}')).toBe(1);
    expect(series.get('raft_http_connections')).toBe(3);
    expect(series.get('raft_http_requests_waiting')).toBe(2);
    for (const name of ['raft_term', 'raft_has_leader', 'raft_spare_voters'])
      expect(series.has(name)).toBe(false);
    expect([...series.keys()].filter((each) => each.includes('peer='))).toEqual([]);
  });

  it('repeat the status of a leader', async () => {
    metrics.serve(node);
    node.become(leading);
    const series = await scrape();
    expect(
      Object.fromEntries(
        [...series].filter(([name]) => !/duration|round_trip|messages|^nodejs|^process|info/.test(name)),
      ),
    ).toEqual({
      raft_term: 7,
      'raft_role{role="follower"}': 0,
      'raft_role{role="preCandidate"}': 0,
      'raft_role{role="candidate"}': 0,
      'raft_role{role="leader"}': 1,
      raft_has_leader: 1,
      raft_leader_changes_total: 1,
      raft_voters: 5,
      raft_learners: 1,
      raft_is_voter: 1,
      raft_spare_voters: 0,
      raft_commit_index: 90,
      raft_applied_index: 88,
      raft_first_log_index: 11,
      raft_last_log_index: 100,
      raft_replayed_ratio: 0.5,
      raft_log_appended_entries_total: 0,
      raft_log_appended_bytes_total: 0,
      raft_proposals_pending: 0,
      raft_reads_pending: 0,
      raft_snapshot_index: 20,
      raft_snapshot_size_bytes: 4096,
      'raft_snapshot_failures_total{operation="save"}': 0,
      'raft_snapshot_failures_total{operation="receive"}': 0,
      'raft_snapshot_failures_total{operation="install"}': 0,
      raft_log_size_bytes: 8192,
      raft_snapshots_size_bytes: 512,
      raft_disk_free_bytes: 1000,
      raft_disk_size_bytes: 4000,
      ...perPeer('raft_peer_link_open', { 2: 1, 3: 0, 4: 1, 5: 1, 6: 1 }),
      ...perPeer('raft_peer_wire_version', { 2: 4, 6: 3 }),
      ...perPeer('raft_peer_refused', { 2: 0, 3: 0, 4: 1, 5: 0, 6: 0 }),
      ...perPeer('raft_peer_match_index', { 2: 95, 3: 10, 4: 0, 5: 0, 6: 100 }),
      ...perPeer('raft_peer_lag_entries', { 2: 5, 3: 90, 4: 100, 5: 100, 6: 0 }),
      ...perPeer('raft_peer_inflight_bytes', { 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 }),
      ...perPeer('raft_peer_snapshot_sent_bytes', { 5: 1024 }),
      ...perPeer('raft_peer_entries_sent_total', { 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 }),
      ...perPeer('raft_peer_entry_bytes_sent_total', { 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 }),
      raft_http_connections: 0,
      raft_http_requests_waiting: 0,
    });
  });

  it('forget what only a leader knows once it leads no longer, and a peer once it is removed', async () => {
    metrics.serve(node);
    node.become(leading);
    expect(await matching(/peer="6"/)).not.toEqual({});
    expect(await matching(/raft_peer_(lag|inflight|snapshot)/)).not.toEqual({});
    const peers = leading.peers!.slice(0, 4).map(({ id, link, endpoint }) => ({ id, link, endpoint }));
    node.become({ role: 'follower', leader: 2, term: 8, peers });
    expect(await matching(/peer="6"/)).toEqual({});
    expect(await matching(/raft_peer_(match|lag|inflight|snapshot)/)).toEqual({});
    expect((await scrape()).get('raft_leader_changes_total')).toBe(2);
  });

  it('count a peer anew that was removed and is added again', async () => {
    metrics.serve(node);
    const { sent } = metrics.measure(openMemory(), node.kv);
    node.become(leading);
    sent(heartbeat(1, 6, 7));
    const counted = 'raft_peer_messages_sent_total{peer="6",type="AppendEntries"}';
    expect((await scrape()).get(counted)).toBe(1);
    node.become({ peers: [] });
    await scrape();
    node.become(leading);
    expect((await scrape()).get(counted)).toBe(0);
  });

  it('count a leader once a term, however often the node loses and finds it', async () => {
    metrics.serve(node);
    for (const [term, leader] of [
      [1, null],
      [1, 2],
      [1, null],
      [1, 2],
      [2, null],
      [3, 2],
    ] as const)
      node.become({ role: 'follower', term, leader });
    expect((await scrape()).get('raft_leader_changes_total')).toBe(2);
  });

  it.each([
    ['all five voters', [1, 2, 3, 4, 5], [], [2, 3, 4, 5], 2],
    ['three of five', [1, 2, 3, 4, 5], [], [2, 3], 0],
    ['two of five', [1, 2, 3, 4, 5], [], [2], -1],
    ['one that leads a cluster of its own', [1], [], [], 0],
    ['a learner, which sees all three voters', [2, 3, 4], [], [2, 3, 4], 1],
    ['old and new voters: the scarcer count', [1, 2, 3], [1, 4, 5], [2, 3], -1],
  ] as const)('tell how many voters can be spared: %s', async (_, voters, outgoing, open, spare) => {
    metrics.serve(node);
    const peers = [2, 3, 4, 5].map((id) => {
      const link = open.some((each) => each === id) ? ('open' as const) : ('connecting' as const);
      return { id, link, endpoint: null };
    });
    node.become({ configuration: { ...leading.configuration!, voters, outgoing }, peers });
    expect((await scrape()).get('raft_spare_voters')).toBe(spare);
  });

  it('know how long ago a follower heard its leader: of this term, and from nobody else', async () => {
    metrics.serve(node);
    const { received } = metrics.measure(openMemory(), node.kv);
    const heard = async () => (await scrape()).get('raft_leader_last_heard_seconds');
    node.become({ role: 'follower', leader: 2, term: 5, peers: leading.peers! });
    expect(await heard()).toBeUndefined();
    received(heartbeat(2, 1, 5));
    received(heartbeat(3, 1, 4));
    nowMs += 250;
    expect(await heard()).toBe(0.25);
    node.become({ term: 6 });
    expect(await heard()).toBeUndefined();
    node.become({ term: 5, role: 'leader', leader: 1 });
    expect(await heard()).toBeUndefined();
  });

  it('count messages and entries by peer, and time their round trips', async () => {
    metrics.serve(node);
    const { sent, lost, received } = metrics.measure(openMemory(), node.kv);
    node.become(leading);
    const payload = new Uint8Array(7);
    const append = { ...heartbeat(1, 2, 7), entries: [{ term: 7, kind: 'command', payload }] } as Message;
    sent(append);
    sent(append);
    lost(append);
    expect(await matching(/inflight.*"2"/)).toEqual({ 'raft_peer_inflight_bytes{peer="2"}': 7 });
    nowMs += 4;
    received({
      type: 'AppendEntriesResponse',
      from: 2,
      to: 1,
      term: 7,
      success: true,
      prevLogIndex: 0,
      matchIndex: 1,
      conflictTerm: 0,
      conflictIndex: 0,
      round: 1,
    });
    const series = await scrape();
    const of2 = (name: string, more = '') => series.get(`raft_peer_${name}{peer="2"${more}}`);
    expect(of2('messages_sent_total', ',type="AppendEntries"')).toBe(2);
    expect(of2('messages_lost_total')).toBe(1);
    expect(of2('messages_received_total', ',type="AppendEntriesResponse"')).toBe(1);
    expect(of2('entries_sent_total')).toBe(2);
    expect(of2('entry_bytes_sent_total')).toBe(14);
    expect(of2('inflight_bytes')).toBe(0);
    expect(of2('round_trip_seconds_count')).toBe(1);
    expect(of2('round_trip_seconds_sum')).toBe(0.004);
    expect(of2('round_trip_seconds_bucket', ',le="0.0025"')).toBe(0);
    expect(of2('round_trip_seconds_bucket', ',le="0.005"')).toBe(1);
  });

  it('count requests by operation and status', async () => {
    metrics.answered('put', 200, 0.002);
    metrics.answered('put', 200, 0.004);
    metrics.answered('put', 504, 5);
    metrics.answered('get', 200, 0.001);
    expect(
      await matching(/^raft_http_requests_total|^raft_http_request_duration_seconds_(sum|count)/),
    ).toEqual({
      'raft_http_requests_total{operation="put",code="200"}': 2,
      'raft_http_requests_total{operation="put",code="504"}': 1,
      'raft_http_requests_total{operation="get",code="200"}': 1,
      'raft_http_request_duration_seconds_sum{operation="put"}': 5.006,
      'raft_http_request_duration_seconds_count{operation="put"}': 3,
      'raft_http_request_duration_seconds_sum{operation="get"}': 0.001,
      'raft_http_request_duration_seconds_count{operation="get"}': 1,
    });
  });

  it('tell of the etcd API where there is one, and nothing of it elsewhere', async () => {
    expect(await matching(/^raft_etcd/)).toEqual({});
    metrics.observeEtcd(() => ({
      connections: 3,
      waiting: 2,
      streams: new Map([['Watch/Watch', 1]]),
      watches: 7,
    }));
    metrics.called('KV/Put', 'OK', 0.002);
    metrics.called('KV/Put', 'UNAVAILABLE', 7);
    metrics.called('Watch/Watch', 'CANCELLED', null);
    expect(await matching(/^raft_etcd.*(?<!bucket\{.*)$/)).toEqual({
      raft_etcd_connections: 3,
      raft_etcd_requests_waiting: 2,
      'raft_etcd_streams{method="Watch/Watch"}': 1,
      raft_etcd_watches: 7,
      'raft_etcd_requests_total{method="KV/Put",code="OK"}': 1,
      'raft_etcd_requests_total{method="KV/Put",code="UNAVAILABLE"}': 1,
      'raft_etcd_requests_total{method="Watch/Watch",code="CANCELLED"}': 1,
      'raft_etcd_request_duration_seconds_sum{method="KV/Put"}': 7.002,
      'raft_etcd_request_duration_seconds_count{method="KV/Put"}': 2,
    });
  });

  it('leave out the disk that cannot be looked at, or does not answer, and ask it no more often than it answers', async () => {
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<typeof usage>();
    const hanging = () => {
      asked += 1;
      return promise;
    };
    metrics = new NodeMetrics({ info, usage: hanging, diskAnswersWithinMs: 1 });
    expect((await scrape()).has('raft_log_size_bytes')).toBe(false);
    expect((await scrape()).has('raft_log_size_bytes')).toBe(false);
    expect(asked).toBe(1);
    resolve(usage);
    expect((await scrape()).get('raft_log_size_bytes')).toBe(8192);
    await scrape();
    expect(asked).toBe(2);
    metrics = new NodeMetrics({ info, usage: () => Promise.reject(new Error('no such directory')) });
    expect((await scrape()).has('raft_log_size_bytes')).toBe(false);
    expect((await scrape()).has('raft_build_info{version="1.2.3",node_version="24.0.0"}')).toBe(true);
  });
});

const perPeer = (name: string, values: Readonly<Record<number, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).map(([peer, value]) => [`${name}{peer="${peer}"}`, value]));

it('a real node counts its transitions as /v1/charts tells them, and what it applies and answers', async () => {
  const clock = new VirtualClock();
  const metrics = new NodeMetrics({ info, usage: async () => usage, nowMs: () => clock.now() });
  const network = new MemoryNetwork({ clock });
  const applied: string[] = [];
  const started: RaftNode<string> = startNode<string>({
    id: 1,
    peers: [],
    transport: network.transport(1),
    clock,
    random: { uint32: () => 7 },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    clusterId: 'metrics',
    incarnation: 'run-1',
    clientEndpoint: null,
    ...metrics.measure(
      openMemory(undefined, (fn) => clock.defer(fn)),
      {
        apply: (command) => {
          const text = new TextDecoder().decode(command);
          applied.push(text);
          return text;
        },
      },
    ),
  });
  const node = metrics.serve(started);
  clock.advance(2000);
  const outcome = node.propose(new TextEncoder().encode('x'));
  const read = node.readable();
  clock.advance(100);
  expect(await outcome).toMatchObject({ type: 'applied', result: 'x' });
  expect(await read).toMatchObject({ type: 'ready' });
  expect(applied).toEqual(['x']);

  const series = seriesIn(await metrics.text(idle));
  const told = node
    .charts()
    .flatMap(({ actor, taken }) => taken.map(({ id, rule, count }) => [`${actor} ${id} ${rule}`, count]));
  expect(told.length).toBeGreaterThan(5);
  const counted = [...series].flatMap(([name, count]) => {
    const match = /^raft_transitions_total\{chart="(.*)",transition="(.*)",rule="(.*)"\}$/.exec(name);
    return match === null ? [] : [[match.slice(1).join(' '), count]];
  });
  expect(counted).toEqual(told);
  expect(series.get('raft_proposal_duration_seconds_count{outcome="applied"}')).toBe(1);
  expect(series.get('raft_read_duration_seconds_count{outcome="ready"}')).toBe(1);
  expect(series.get('raft_apply_duration_seconds_count')).toBe(1);
  // The no-op with which its term begins, and the command.
  expect(series.get('raft_log_appended_entries_total')).toBe(2);
  expect(series.get('raft_log_appended_bytes_total')).toBe(1);
  expect(series.get('raft_fsync_duration_seconds_count')).toBeGreaterThan(1);
  await Promise.all([node.stop(), clock.advance(100)]);
});
