import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeStatus, RaftNode, Role } from '../../node/node.ts';
import type { NodeParts } from '../../node/start-node.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import { AppendRoundTrips } from './append-round-trips.ts';
import { measuredNode, measuredStateMachine, measuredStorage } from './measured-parts.ts';

/** A disk in the machine syncs within a millisecond or a few; a disk in the network within tens. */
const diskSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const networkSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const applySeconds = [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];
const snapshotSeconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** A type that is missing here does not compile. */
const roles: { readonly [Each in Role]: true } = {
  follower: true,
  preCandidate: true,
  candidate: true,
  leader: true,
};

/** Of the process; `promtool check metrics` wants `_total` kept for counters. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** What is measured of one run of a node, as `GET /metrics` gives it to Prometheus. docs/metrics.md */
export class NodeMetrics {
  readonly #registry = new Registry();
  readonly #fsync: Histogram;
  readonly #apply: Histogram;
  readonly #snapshot: Histogram;
  readonly #restore: Histogram;
  readonly #proposal: Histogram<'outcome'>;
  readonly #read: Histogram<'outcome'>;
  readonly #leaderChanges: Counter;
  readonly #roundTrips: AppendRoundTrips;
  #node: RaftNode<unknown> | null = null;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    this.#fsync = new Histogram({
      name: 'raft_fsync_duration_seconds',
      help: 'How long the disk takes to make what was appended to the log durable.',
      buckets: diskSeconds,
      registers,
    });
    this.#apply = new Histogram({
      name: 'raft_apply_duration_seconds',
      help: 'How long the state machine takes to apply one command.',
      buckets: applySeconds,
      registers,
    });
    this.#snapshot = new Histogram({
      name: 'raft_snapshot_duration_seconds',
      help: 'How long it takes to take a snapshot of the state machine and to write it.',
      buckets: snapshotSeconds,
      registers,
    });
    this.#restore = new Histogram({
      name: 'raft_restore_duration_seconds',
      help: 'How long it takes to restore the state machine from a snapshot.',
      buckets: snapshotSeconds,
      registers,
    });
    this.#proposal = new Histogram({
      name: 'raft_proposal_duration_seconds',
      help: 'From when a command is submitted to this node until its outcome is known.',
      labelNames: ['outcome'],
      buckets: networkSeconds,
      registers,
    });
    this.#read = new Histogram({
      name: 'raft_read_duration_seconds',
      help: 'From when a linearizable read is asked of this node until it may be answered.',
      labelNames: ['outcome'],
      buckets: networkSeconds,
      registers,
    });
    this.#leaderChanges = new Counter({
      name: 'raft_leader_changes_total',
      help: 'How often this node has learned of a leader of another term.',
      registers,
    });
    const roundTrip = new Histogram({
      name: 'raft_peer_round_trip_seconds',
      help: 'On a leader: from when a follower is sent entries or a heartbeat until it has acknowledged them as durable.',
      labelNames: ['peer'],
      buckets: networkSeconds,
      registers,
    });
    this.#roundTrips = new AppendRoundTrips(
      () => performance.now(),
      (peer, ms) => roundTrip.observe({ peer: String(peer) }, ms / 1000),
    );
    this.#gauge('raft_term', 'The current term.', ({ term }) => term);
    this.#gauge(
      'raft_commit_index',
      'Index of the last entry known to be committed.',
      (is) => is.commitIndex,
    );
    this.#gauge('raft_applied_index', 'Index of the last entry that is applied.', (is) => is.lastApplied);
    this.#gauge('raft_last_log_index', 'Index of the last entry of the log.', (is) => is.lastLogIndex);
    this.#gauge(
      'raft_first_log_index',
      'Index of the first entry of the log: a snapshot stands for those before.',
      (is) => is.firstLogIndex,
    );
    this.#gauge('raft_has_leader', '1 if this node knows of a leader of its term, else 0.', (is) =>
      is.leader === null ? 0 : 1,
    );
    this.#gauge(
      'raft_voters',
      'How many voters the latest configuration has.',
      (is) => is.configuration.voters.length,
    );
    this.#gauge(
      'raft_learners',
      'How many learners the latest configuration has.',
      (is) => is.configuration.learners.length,
    );
    this.#gauge('raft_is_voter', '1 if this node is a voter, else 0.', (is) =>
      is.standing === 'voter' ? 1 : 0,
    );
    this.#gauge(
      'raft_replayed_ratio',
      'How much of what is known to be committed the state machine has, from 0 to 1.',
      (is) => is.replayed,
    );
    this.#gauge(
      'raft_snapshot_index',
      'Index of the last entry that the newest snapshot stands for; 0 without one.',
      (is) => is.snapshot?.index ?? 0,
    );
    this.#gauge(
      'raft_snapshot_size_bytes',
      'Size of the newest snapshot; 0 without one.',
      (is) => is.snapshot?.sizeBytes ?? 0,
    );
    this.#byLabel(
      'raft_role',
      'The role of this node: 1 for the one that it has, 0 for the others.',
      'role',
      (is) => Object.keys(roles).map((role) => [role, role === is.role ? 1 : 0]),
    );
    this.#byPeer('raft_peer_link_open', '1 if there is a connection to this peer, else 0.', (peer) =>
      peer.link === 'open' ? 1 : 0,
    );
    this.#byPeer(
      'raft_peer_refused',
      '1 while this node and this peer refuse each other, as where a disk was lost, else 0.',
      (peer) => (peer.refusal === undefined ? 0 : 1),
    );
    this.#byPeer(
      'raft_peer_match_index',
      'On a leader: index up to which this peer has the leader’s log.',
      (peer) => peer.matchIndex ?? null,
    );
    this.#byPeer(
      'raft_peer_lag_entries',
      'On a leader: how many entries of its log it does not know this peer to have.',
      (peer, is) => (peer.matchIndex === undefined ? null : is.lastLogIndex - peer.matchIndex),
    );
    this.#byPeer(
      'raft_peer_inflight_bytes',
      'On a leader: payload bytes that this peer was sent and has not acknowledged.',
      (peer, is) => (is.role === 'leader' ? this.#roundTrips.bytesUnderWay(peer.id) : null),
    );
    this.#byPeer(
      'raft_peer_snapshot_sent_bytes',
      'On a leader that sends this peer a snapshot: how much of it the peer has.',
      (peer) => peer.snapshot?.sentBytes ?? null,
    );
    this.#transitions();
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** In Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** What a node is started with instead of these, and beside its other parts. */
  measure<Result>(
    storage: Storage,
    stateMachine: StateMachine<Result>,
  ): Required<Pick<NodeParts<Result>, 'storage' | 'stateMachine' | 'sent' | 'received'>> {
    return {
      storage: measuredStorage(storage, (seconds) => this.#fsync.observe(seconds)),
      stateMachine: measuredStateMachine(stateMachine, {
        apply: (seconds) => this.#apply.observe(seconds),
        snapshot: (seconds) => this.#snapshot.observe(seconds),
        restore: (seconds) => this.#restore.observe(seconds),
      }),
      sent: (message) => this.#roundTrips.sent(message),
      received: (message) => this.#roundTrips.received(message),
    };
  }

  /** The node that was started so; what its clients are given instead of it. */
  serve<Result>(node: RaftNode<Result>): RaftNode<Result> {
    this.#node = node;
    let term = 0;
    node.onChange((status) => {
      if (status.leader === null || status.term === term) return;
      term = status.term;
      this.#leaderChanges.inc();
    });
    return measuredNode(node, {
      proposal: (outcome, seconds) => this.#proposal.observe({ outcome }, seconds),
      read: (outcome, seconds) => this.#read.observe({ outcome }, seconds),
    });
  }

  #gauge(name: string, help: string, valueOf: (status: NodeStatus) => number): void {
    this.#collected(name, help, [], (gauge, status) => gauge.set(valueOf(status)));
  }

  #byLabel(
    name: string,
    help: string,
    label: string,
    valuesOf: (status: NodeStatus) => readonly (readonly [string, number])[],
  ): void {
    this.#collected(name, help, [label], (gauge, status) => {
      for (const [value, number] of valuesOf(status)) gauge.set({ [label]: value }, number);
    });
  }

  /** `valueOf` is null where there is nothing to tell of this peer. */
  #byPeer(
    name: string,
    help: string,
    valueOf: (peer: NodeStatus['peers'][number], status: NodeStatus) => number | null,
  ): void {
    this.#byLabel(name, help, 'peer', (status) =>
      status.peers.flatMap((peer) => {
        const value = valueOf(peer, status);
        return value === null ? [] : [[String(peer.id), value] as const];
      }),
    );
  }

  #collected(
    name: string,
    help: string,
    labelNames: readonly string[],
    set: (gauge: Gauge, status: NodeStatus) => void,
  ): void {
    const node = (): RaftNode<unknown> | null => this.#node;
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect(this: Gauge) {
        // A peer that was removed, or what only a leader knows, is not told for ever.
        this.reset();
        const status = node()?.status();
        if (status !== undefined) set(this, status);
      },
    });
  }

  #transitions(): void {
    const node = (): RaftNode<unknown> | null => this.#node;
    new Counter({
      name: 'raft_transitions_total',
      help: 'How often each transition of the charts of this node was taken, with the rule that it follows.',
      labelNames: ['chart', 'transition', 'rule'],
      registers: [this.#registry],
      collect(this: Counter<'chart' | 'transition' | 'rule'>) {
        this.reset();
        for (const { actor, taken } of node()?.charts() ?? []) {
          for (const { id, rule, count } of taken)
            this.inc({ chart: actor, transition: id, rule: rule ?? '' }, count);
        }
      },
    });
  }
}
