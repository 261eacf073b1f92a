import type { DiskUsage } from '../../adapters/storage/disk-usage.ts';
import type { NodeStatus, PeerStatus, Role } from '../../node/node.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';
import type { NodeId } from '../../raft/types.ts';
import type { EtcdLoad } from '../etcd/call-metrics.ts';
import type { HttpLoad } from '../http/metrics-answer.ts';
import type { Distribution } from './distribution.ts';
import type { MeasuredRequests, Measurements, PeerTraffic } from './measurements.ts';

/** A running node, looked at once for all metrics. */
export interface SeenNode {
  readonly status: NodeStatus;
  readonly charts: readonly ChartStatus[];
}

/** What does not change while a node runs. */
export interface NodeInfo {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly version: string;
  readonly nodeVersion: string;
}

/** What the values of one scrape are taken from. */
export interface Seen {
  readonly info: NodeInfo;
  readonly measured: Measurements;
  /** Null: it has not started yet. */
  readonly node: SeenNode | null;
  /** Null: there is no data directory, or its file system does not answer. */
  readonly usage: DiskUsage | null;
  readonly load: HttpLoad;
  /** Null: there is no port for etcd's clients. */
  readonly etcd: EtcdLoad | null;
}

/** One series: the values of the metric's labels, in their order. */
export interface Sample<Value> {
  readonly labels: readonly string[];
  readonly value: Value;
}

interface Row<Type extends string, Value> {
  readonly name: string;
  readonly type: Type;
  /** One sentence. */
  readonly help: string;
  readonly labels: readonly string[];
  /** What there is to say now: a peer that was removed has no series, and neither has what only a leader knows, elsewhere. */
  readonly samples: (seen: Seen) => readonly Sample<Value>[];
}

export type Metric = Row<'gauge' | 'counter', number> | Row<'histogram', Distribution>;

/** A type that is missing here does not compile. */
const roles: Readonly<Record<Role, true>> = {
  follower: true,
  preCandidate: true,
  candidate: true,
  leader: true,
};

const plain = <Value>(value: Value | null): readonly Sample<Value>[] =>
  value === null ? [] : [{ labels: [], value }];

type Valued = readonly [name: string, help: string, value: (seen: Seen) => number | null];
const single =
  (type: 'gauge' | 'counter') =>
  (...[name, help, value]: Valued): Metric => ({
    name,
    type,
    help,
    labels: [],
    samples: (seen) => plain(value(seen)),
  });
const gauge = single('gauge');
const counter = single('counter');

const histogram = (name: string, help: string, of: (measured: Measurements) => Distribution): Metric => ({
  name,
  type: 'histogram',
  help,
  labels: [],
  samples: ({ measured }) => plain(of(measured)),
});

/** A gauge of the node itself. */
const ofNode = (name: string, help: string, value: (status: NodeStatus, seen: Seen) => number | null) =>
  gauge(name, help, (seen) => (seen.node === null ? null : value(seen.node.status, seen)));

interface SeenPeer {
  readonly peer: PeerStatus;
  readonly status: NodeStatus;
  readonly traffic: PeerTraffic;
}

const eachPeer = <Value>(
  { node, measured }: Seen,
  value: (seen: SeenPeer) => Value | null,
): readonly Sample<Value>[] =>
  (node?.status.peers ?? []).flatMap((peer) =>
    plain(value({ peer, status: node!.status, traffic: measured.peer(peer.id) })).map((sample) => ({
      ...sample,
      labels: [String(peer.id)],
    })),
  );

/** One for each peer of which there is something to say. */
const ofPeer =
  (type: 'gauge' | 'counter') =>
  (name: string, help: string, value: (seen: SeenPeer) => number | null): Metric => ({
    name,
    type,
    help,
    labels: ['peer'],
    samples: (seen) => eachPeer(seen, value),
  });
const peerGauge = ofPeer('gauge');
const peerCounter = ofPeer('counter');

const messages = (
  name: string,
  help: string,
  counts: (traffic: PeerTraffic) => Readonly<Record<string, number>>,
): Metric => ({
  name,
  type: 'counter',
  help,
  labels: ['peer', 'type'],
  samples: (seen) =>
    eachPeer(seen, ({ traffic }) => counts(traffic)).flatMap(({ labels, value }) =>
      labelled(value).map((sample) => ({ ...sample, labels: [...labels, ...sample.labels] })),
    ),
});

const labelled = <Value>(values: Readonly<Record<string, Value>>): readonly Sample<Value>[] =>
  Object.entries(values).map(([label, value]) => ({ labels: [label], value }));

const requestCounts = (
  name: string,
  help: string,
  label: string,
  of: (measured: Measurements) => MeasuredRequests<number> | MeasuredRequests<string>,
): Metric => ({
  name,
  type: 'counter',
  help,
  labels: [label, 'code'],
  samples: ({ measured }) =>
    [...of(measured).codes].flatMap(([asked, codes]) =>
      [...codes].map(([code, value]) => ({ labels: [asked, String(code)], value })),
    ),
});

const requestDurations = (
  name: string,
  help: string,
  label: string,
  of: (measured: Measurements) => MeasuredRequests<number> | MeasuredRequests<string>,
): Metric => ({
  name,
  type: 'histogram',
  help,
  labels: [label],
  samples: ({ measured }) => labelled(Object.fromEntries(of(measured).durations)),
});

const bit = (is: boolean): number => (is ? 1 : 0);

/** How many more voters can be lost; while a change is under way both the new voters and those before need a majority. */
const spareVoters = ({ id, configuration: { voters, outgoing }, peers }: NodeStatus): number => {
  const isThere = (voter: NodeId): boolean =>
    voter === id ||
    peers.some((peer) => peer.id === voter && peer.link === 'open' && peer.refusal === undefined);
  const spareOf = (each: readonly NodeId[]): number =>
    each.filter(isThere).length - (Math.floor(each.length / 2) + 1);
  return outgoing.length === 0 ? spareOf(voters) : Math.min(spareOf(voters), spareOf(outgoing));
};

const lastHeardSeconds = ({ leader, term }: NodeStatus, measured: Measurements): number | null => {
  if (leader === null) return null;
  const { led } = measured.peer(leader);
  return led.term === term ? (measured.nowMs - led.atMs) / 1000 : null;
};

/** Each metric that is our own; those of the process are prom-client's. docs/metrics.md has this table. */
export const metricTable: readonly Metric[] = [
  {
    name: 'raft_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say which raftchart and which Node.js this is.',
    labels: ['version', 'node_version'],
    samples: ({ info }) => [{ labels: [info.version, info.nodeVersion], value: 1 }],
  },
  {
    name: 'raft_node_info',
    type: 'gauge',
    help: 'Always 1; the labels say which node of which cluster this is.',
    labels: ['node', 'cluster_id'],
    samples: ({ info }) => [{ labels: [String(info.id), info.clusterId], value: 1 }],
  },

  ofNode('raft_term', 'The current term.', ({ term }) => term),
  {
    name: 'raft_role',
    type: 'gauge',
    help: 'The role of this node: 1 for the one that it has, 0 for the others.',
    labels: ['role'],
    samples: ({ node }) =>
      node === null
        ? []
        : Object.keys(roles).map((role) => ({ labels: [role], value: bit(role === node.status.role) })),
  },
  ofNode('raft_has_leader', '1 if this node knows a leader of its term, else 0.', ({ leader }) =>
    bit(leader !== null),
  ),
  ofNode(
    'raft_leader_last_heard_seconds',
    'On a node that follows: how long ago the leader was last heard.',
    (status, { measured }) => lastHeardSeconds(status, measured),
  ),
  counter(
    'raft_leader_changes_total',
    'How often this node has learned of the leader of another term.',
    ({ measured }) => measured.leaderChanges,
  ),
  {
    name: 'raft_transitions_total',
    type: 'counter',
    help: 'How often each transition of the charts of this node was taken, with the rule that it follows.',
    labels: ['chart', 'transition', 'rule'],
    samples: ({ node }) =>
      (node?.charts ?? []).flatMap(({ actor, taken }) =>
        taken.map(({ id, rule, count }) => ({ labels: [actor, id, rule ?? ''], value: count })),
      ),
  },

  ofNode(
    'raft_voters',
    'How many voters the latest configuration has.',
    (is) => is.configuration.voters.length,
  ),
  ofNode(
    'raft_learners',
    'How many learners the latest configuration has.',
    (is) => is.configuration.learners.length,
  ),
  ofNode('raft_is_voter', '1 if this node is a voter, else 0.', ({ standing }) => bit(standing === 'voter')),
  ofNode(
    'raft_spare_voters',
    'How many more voters can be lost before this node reaches no majority; negative: it reaches none.',
    spareVoters,
  ),

  ofNode('raft_commit_index', 'Index of the last entry known to be committed.', (is) => is.commitIndex),
  ofNode('raft_applied_index', 'Index of the last entry that is applied.', (is) => is.lastApplied),
  ofNode(
    'raft_first_log_index',
    'Index of the first entry of the log: a snapshot stands for those before.',
    (is) => is.firstLogIndex,
  ),
  ofNode('raft_last_log_index', 'Index of the last entry of the log.', (is) => is.lastLogIndex),
  ofNode(
    'raft_replayed_ratio',
    'How much of what is known to be committed the state machine has, from 0 to 1.',
    (is) => is.replayed,
  ),
  counter(
    'raft_log_appended_entries_total',
    'Entries appended to the log of this node.',
    ({ measured }) => measured.appendedEntries,
  ),
  counter(
    'raft_log_appended_bytes_total',
    'Payload bytes of the entries appended to the log of this node.',
    ({ measured }) => measured.appendedBytes,
  ),
  histogram(
    'raft_fsync_duration_seconds',
    'How long the disk takes to make what was appended to the log durable.',
    ({ fsync }) => fsync,
  ),
  histogram(
    'raft_apply_duration_seconds',
    'How long the state machine takes to apply one command.',
    ({ apply }) => apply,
  ),

  {
    name: 'raft_proposal_duration_seconds',
    type: 'histogram',
    help: 'From when a command is submitted to this node until its outcome is known.',
    labels: ['outcome'],
    samples: ({ measured }) => labelled(measured.proposals),
  },
  gauge(
    'raft_proposals_pending',
    'Commands that were submitted to this node and wait for their outcomes.',
    ({ measured }) => measured.pendingProposals,
  ),
  {
    name: 'raft_read_duration_seconds',
    type: 'histogram',
    help: 'From when a linearizable read is asked of this node until it may be answered.',
    labels: ['outcome'],
    samples: ({ measured }) => labelled(measured.reads),
  },
  gauge(
    'raft_reads_pending',
    'Linearizable reads that were asked of this node and wait for their outcomes.',
    ({ measured }) => measured.pendingReads,
  ),

  ofNode(
    'raft_snapshot_index',
    'Index of the last entry that the newest snapshot stands for; 0 without one.',
    (is) => is.snapshot?.index ?? 0,
  ),
  ofNode(
    'raft_snapshot_size_bytes',
    'Size of the data of the newest snapshot; 0 without one.',
    (is) => is.snapshot?.sizeBytes ?? 0,
  ),
  histogram(
    'raft_snapshot_duration_seconds',
    'How long it takes to take a snapshot of the state machine and to make it durable.',
    ({ snapshot }) => snapshot,
  ),
  {
    name: 'raft_snapshot_failures_total',
    type: 'counter',
    help: 'How often a snapshot could not be saved, received from the leader or installed.',
    labels: ['operation'],
    samples: ({ measured }) => labelled(measured.snapshotFailures),
  },
  histogram(
    'raft_restore_duration_seconds',
    'How long it takes to restore the state machine from a snapshot.',
    ({ restore }) => restore,
  ),

  gauge(
    'raft_log_size_bytes',
    'What the log takes on the disk, in segments that are allocated whole.',
    ({ usage }) => usage?.logBytes ?? null,
  ),
  gauge(
    'raft_snapshots_size_bytes',
    'What all snapshots take on the disk, also one that is being received.',
    ({ usage }) => usage?.snapshotBytes ?? null,
  ),
  gauge(
    'raft_disk_free_bytes',
    'What this node may still write to the file system of its data directory.',
    ({ usage }) => usage?.freeBytes ?? null,
  ),
  gauge(
    'raft_disk_size_bytes',
    'Size of the file system of the data directory.',
    ({ usage }) => usage?.totalBytes ?? null,
  ),

  peerGauge('raft_peer_link_open', '1 if there is a connection to this peer, else 0.', ({ peer }) =>
    bit(peer.link === 'open'),
  ),
  peerGauge(
    'raft_peer_wire_version',
    'Wire version in which this node speaks to this peer, while there is a connection: the latest that both know.',
    ({ peer }) => peer.wireVersion ?? null,
  ),
  peerGauge(
    'raft_peer_refused',
    '1 while this node or this peer refuses the other, as where a disk was lost, else 0.',
    ({ peer }) => bit(peer.refusal !== undefined),
  ),
  peerGauge(
    'raft_peer_match_index',
    'On a leader: index up to which this peer is known to have its log.',
    ({ peer }) => peer.matchIndex ?? null,
  ),
  peerGauge(
    'raft_peer_lag_entries',
    'On a leader: how many entries of its log this peer is not known to have.',
    ({ peer, status }) => (peer.matchIndex === undefined ? null : status.lastLogIndex - peer.matchIndex),
  ),
  peerGauge(
    'raft_peer_inflight_bytes',
    'On a leader: payload bytes that this peer was sent and has not answered.',
    ({ status, traffic }) => (status.role === 'leader' ? traffic.underWay.bytesUnderWay : null),
  ),
  peerGauge(
    'raft_peer_snapshot_sent_bytes',
    'On a leader that sends this peer a snapshot: how much of it the peer has.',
    ({ peer }) => peer.snapshot?.sentBytes ?? null,
  ),
  {
    name: 'raft_peer_round_trip_seconds',
    type: 'histogram',
    help: 'On a leader: from when a peer is sent entries or a heartbeat until it has acknowledged them as durable.',
    labels: ['peer'],
    samples: (seen) => eachPeer(seen, ({ traffic }) => traffic.roundTrip),
  },
  peerCounter(
    'raft_peer_entries_sent_total',
    'Entries sent to this peer, those sent again included.',
    ({ traffic }) => traffic.entriesSent,
  ),
  peerCounter(
    'raft_peer_entry_bytes_sent_total',
    'Payload bytes of the entries sent to this peer.',
    ({ traffic }) => traffic.bytesSent,
  ),
  messages('raft_peer_messages_sent_total', 'Messages sent to this peer, by type.', ({ sent }) => sent),
  messages(
    'raft_peer_messages_received_total',
    'Messages received from this peer, by type.',
    ({ received }) => received,
  ),
  peerCounter(
    'raft_peer_messages_lost_total',
    'Messages to this peer that never left: there was no connection, or too much was queued.',
    ({ traffic }) => traffic.lost,
  ),

  gauge('raft_http_connections', 'Open connections of clients.', ({ load }) => load.connections),
  gauge(
    'raft_http_requests_waiting',
    'Requests of clients that wait for their answers.',
    ({ load }) => load.waiting,
  ),
  requestCounts(
    'raft_http_requests_total',
    'Requests of clients that were answered, by operation and HTTP status.',
    'operation',
    ({ http }) => http,
  ),
  requestDurations(
    'raft_http_request_duration_seconds',
    'From when the head of a request has arrived until it is answered, by operation.',
    'operation',
    ({ http }) => http,
  ),
  gauge(
    'raft_etcd_connections',
    'Open connections of clients of the etcd API.',
    ({ etcd }) => etcd?.connections ?? null,
  ),
  gauge(
    'raft_etcd_requests_waiting',
    'Requests to the etcd API that wait for their one answer.',
    ({ etcd }) => etcd?.waiting ?? null,
  ),
  {
    name: 'raft_etcd_streams',
    type: 'gauge',
    help: 'Open streams of the etcd API, by method.',
    labels: ['method'],
    samples: ({ etcd }) => labelled(Object.fromEntries(etcd?.streams ?? [])),
  },
  gauge(
    'raft_etcd_watches',
    'Open watches of the etcd API: a stream may have many.',
    ({ etcd }) => etcd?.watches ?? null,
  ),
  requestCounts(
    'raft_etcd_requests_total',
    'Calls of the etcd API that have ended, streams included, by method and status of gRPC.',
    'method',
    ({ etcd }) => etcd,
  ),
  requestDurations(
    'raft_etcd_request_duration_seconds',
    'From when the head of a request to the etcd API has arrived until its one answer is given, by method.',
    'method',
    ({ etcd }) => etcd,
  ),
];
