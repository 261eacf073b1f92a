import { collectDefaultMetrics, type Gauge, Registry } from 'prom-client';
import type { DiskUsage } from '../../adapters/storage/disk-usage.ts';
import type { RaftNode } from '../../node/node.ts';
import type { NodeParts } from '../../node/start-node.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import type { EtcdLoad, EtcdMetrics } from '../etcd/call-metrics.ts';
import type { HttpLoad, HttpMetrics } from '../http/metrics-answer.ts';
import { measuredNode, measuredStateMachine, measuredStorage } from './measured-parts.ts';
import { Measurements } from './measurements.ts';
import { type Metric, metricTable, type NodeInfo, type Seen } from './metric-table.ts';

export interface NodeMetricsParts {
  readonly info: NodeInfo;
  /** Looks at the data directory. Rejects where there is none. */
  readonly usage: () => Promise<DiskUsage>;
  /** Milliseconds on a monotonic clock. Default: `performance.now`. */
  readonly nowMs?: () => number;
  /** How long a scrape waits for `usage`. Default 1000. */
  readonly diskAnswersWithinMs?: number;
}

/** Of the process; `promtool check metrics` wants `_total` kept for counters. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** What is measured of one run of a node, as `GET /metrics` gives it to Prometheus. docs/metrics.md */
export class NodeMetrics implements HttpMetrics, EtcdMetrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #info: NodeInfo;
  readonly #measured: Measurements;
  readonly #lookAtDisk: () => Promise<DiskUsage>;
  readonly #diskAnswersWithinMs: number;
  #usage: Promise<DiskUsage | null> | null = null;
  #node: RaftNode<unknown> | null = null;
  #etcdLoad: () => EtcdLoad | null = () => null;
  /** By the scrape under way. */
  #seen: Seen | null = null;

  constructor(parts: NodeMetricsParts) {
    const { info, usage, nowMs = () => performance.now(), diskAnswersWithinMs = 1000 } = parts;
    this.#info = info;
    this.#diskAnswersWithinMs = diskAnswersWithinMs;
    this.#measured = new Measurements(nowMs);
    this.#lookAtDisk = usage;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    for (const metric of metricTable) {
      // What the registry asks of a metric is its name and `get`; the classes that it has for them keep values of their own.
      const registered = { name: metric.name, get: () => described(metric, this.#seen!) };
      this.#registry.registerMetric(registered as unknown as Gauge);
    }
  }

  /** In Prometheus's text format. */
  async text(load: HttpLoad): Promise<string> {
    const usage = await this.#diskUsage();
    const node = this.#node && { status: this.#node.status(), charts: this.#node.charts() };
    if (node !== null) this.#measured.keepPeers(node.status.peers.map(({ id }) => id));
    this.#seen = { info: this.#info, measured: this.#measured, node, usage, load, etcd: this.#etcdLoad() };
    return this.#registry.metrics();
  }

  /** A client was answered. */
  answered(operation: string, status: number, seconds: number): void {
    this.#measured.http.answered(operation, status, seconds);
  }

  observeEtcd(load: () => EtcdLoad): void {
    this.#etcdLoad = load;
  }

  called(method: string, code: string, seconds: number | null): void {
    this.#measured.etcd.answered(method, code, seconds);
  }

  /** What a node is started with instead of these, and beside its other parts. */
  measure<Result>(
    storage: Storage,
    stateMachine: StateMachine<Result>,
  ): Required<Pick<NodeParts<Result>, 'storage' | 'stateMachine' | 'sent' | 'lost' | 'received'>> {
    const measured = this.#measured;
    return {
      storage: measuredStorage(storage, measured),
      stateMachine: measuredStateMachine(stateMachine, measured),
      sent: (message) => measured.sent(message),
      lost: (message) => measured.lost(message),
      received: (message) => measured.received(message),
    };
  }

  /** The node that was started so; what its clients are given instead of it. */
  serve<Result>(node: RaftNode<Result>): RaftNode<Result> {
    this.#node = node;
    let term = 0;
    node.onChange((status) => {
      if (status.leader === null || status.term === term) return;
      term = status.term;
      this.#measured.leaderChanges += 1;
    });
    return measuredNode(node, this.#measured);
  }

  /** A disk that hangs is asked once, not once a scrape, and keeps nobody from all else that there is to know. */
  async #diskUsage(): Promise<DiskUsage | null> {
    this.#usage ??= this.#lookAtDisk()
      .catch(() => null)
      .finally(() => {
        this.#usage = null;
      });
    const { promise: over, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), this.#diskAnswersWithinMs);
    const usage = await Promise.race([this.#usage, over]);
    clearTimeout(timer);
    return usage;
  }
}

interface Value {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as prom-client prints it. */
const described = (metric: Metric, seen: Seen) => {
  const { name, help, type } = metric;
  return { name, help, type, values: valuesOf(metric, seen) };
};

const valuesOf = (metric: Metric, seen: Seen): readonly Value[] => {
  const named = (values: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(metric.labels.map((label, at) => [label, values[at]!]));
  if (metric.type !== 'histogram') {
    return metric.samples(seen).map(({ labels, value }) => ({ labels: named(labels), value }));
  }
  const { name } = metric;
  return metric.samples(seen).flatMap(({ labels, value: { cumulative, sum } }) => {
    const own = named(labels);
    return [
      ...cumulative.map(({ le, count }) => ({
        metricName: `${name}_bucket`,
        labels: { ...own, le },
        value: count,
      })),
      { metricName: `${name}_sum`, labels: own, value: sum },
      { metricName: `${name}_count`, labels: own, value: cumulative.at(-1)!.count },
    ];
  });
};
