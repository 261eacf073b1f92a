import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GrpcClient } from '../store/etcd/grpc-client.ts';
import { freePorts } from './free-ports.ts';
import { fetchStatus, type ProcessCluster } from './process-cluster.ts';
import { clientProgram, until, useCluster } from './use-cluster.ts';

interface ReceivedSpan {
  readonly node: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
}

/** A collector of OpenTelemetry that takes JSON. */
class Collector {
  readonly spans: ReceivedSpan[] = [];
  readonly resources = new Map<string, Readonly<Record<string, unknown>>>();
  requests = 0;
  /** Takes requests, and answers none. */
  isStuck = false;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests += 1;
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text) => {
        body += text;
      });
      request.on('end', () => {
        if (this.isStuck) return;
        if (request.url === '/v1/traces') this.#take(JSON.parse(body));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`),
      );
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take({ resourceSpans }: { readonly resourceSpans: readonly ResourceSpans[] }): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const attributes = Object.fromEntries(
        resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
      );
      const node = String(attributes['service.instance.id']);
      this.resources.set(node, attributes);
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => ({ ...span, node })));
    }
  }
}

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
  readonly scopeSpans: readonly { readonly spans: readonly Omit<ReceivedSpan, 'node'>[] }[];
}

const { start, lines } = useCluster('spans');
let collector: Collector;
let url: string;

beforeEach(async () => {
  collector = new Collector();
  url = await collector.listen();
});
afterEach(() => collector.close());

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpanId = '00f067aa0ba902b7';

/** `raft-client put` as part of a trace, at the leader first: one that is redirected makes spans elsewhere as well. */
const put = async (cluster: ProcessCluster, key: string): Promise<void> => {
  const leader = cluster.endpoints[(await cluster.leader()) - 1]!;
  const flags = [clientProgram, 'put', key, '1', '--endpoints', leader];
  const env = { ...process.env, TRACEPARENT: `00-${traceId}-${callersSpanId}-01` };
  await new Promise<void>((resolve, reject) =>
    execFile(process.execPath, flags, { env }, (error) => (error === null ? resolve() : reject(error))),
  );
};

/** The SDK begins a span at a whole millisecond of the clock, and there are three processes. */
const slack = 5_000_000n;

const named = (name: string, node: string): ReceivedSpan => {
  const found = collector.spans.filter((span) => span.name === name && span.node === node);
  expect(found, `${name} of ${node}`).toHaveLength(1);
  return found[0]!;
};
const replicasOf = (leader: string): readonly ReceivedSpan[] =>
  collector.spans.filter(({ name, node }) => name === 'raft.replicate' && node === leader);
const startOf = ({ startTimeUnixNano }: ReceivedSpan): bigint => BigInt(startTimeUnixNano);
const endOf = ({ endTimeUnixNano }: ReceivedSpan): bigint => BigInt(endTimeUnixNano);

it('one put is one trace, with spans on all three nodes below that of the client', async () => {
  const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url, '--cluster-id', 'traced'] });
  await put(cluster, 'x');
  const leader = `node${await cluster.leader()}`;
  const followers = ['node1', 'node2', 'node3'].filter((node) => node !== leader);
  await until(async () => collector.spans.length >= 13);

  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const request = named('put', leader);
  expect(request.parentSpanId).toBe(callersSpanId);
  const proposal = named('raft.propose', leader);
  expect(proposal.parentSpanId).toBe(request.spanId);
  const ofLeader = ['raft.append', 'raft.commit', 'raft.apply'].map((name) => named(name, leader));
  for (const span of [...ofLeader, ...replicasOf(leader)]) expect(span.parentSpanId).toBe(proposal.spanId);
  expect(replicasOf(leader)).toHaveLength(2);
  for (const follower of followers) {
    const receipt = named('raft.receive', follower);
    const replica = replicasOf(leader).find(({ spanId }) => spanId === receipt.parentSpanId)!;
    const append = named('raft.append', follower);
    const apply = named('raft.apply', follower);
    expect([append.parentSpanId, apply.parentSpanId]).toEqual([receipt.spanId, receipt.spanId]);
    expect(startOf(receipt)).toBeGreaterThanOrEqual(startOf(replica) - slack);
    expect(endOf(receipt)).toBeLessThanOrEqual(endOf(replica) + slack);
    expect(startOf(append)).toBeGreaterThanOrEqual(startOf(receipt) - slack);
    expect(endOf(append)).toBeLessThanOrEqual(endOf(receipt) + slack);
  }
  const [append, commit, apply] = ofLeader as [ReceivedSpan, ReceivedSpan, ReceivedSpan];
  expect(startOf(proposal)).toBeLessThanOrEqual(startOf(append) + slack);
  expect(endOf(commit)).toBeLessThanOrEqual(startOf(apply) + slack);
  expect(endOf(apply)).toBeLessThanOrEqual(endOf(request) + slack);
  expect(collector.spans.filter(({ status }) => status.code === 2)).toEqual([]);
  expect(collector.resources.get('node2')).toMatchObject({
    'service.name': 'raftchart',
    'service.instance.id': 'node2',
    'raftchart.cluster.id': 'traced',
  });
});

it('one put over the etcd API is one trace as well, with spans on all three nodes below that of the client', async () => {
  const ports = await freePorts(3);
  const flagsOf = (id: number) => ['--listen-etcd', `127.0.0.1:${ports[id - 1]}`];
  const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url], flagsOf });
  const leader = await cluster.leader();
  const client = new GrpcClient(`127.0.0.1:${ports[leader - 1]}`);
  client.metadata.set('traceparent', `00-${traceId}-${callersSpanId}-01`);
  await client.put('x', '1');
  await until(async () => collector.spans.filter(({ name }) => name === 'etcdserverpb.KV/Put').length === 1);
  await until(async () => collector.spans.filter(({ name }) => name === 'raft.apply').length >= 3);
  client.close();

  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const call = named('etcdserverpb.KV/Put', `node${leader}`);
  expect(call.parentSpanId).toBe(callersSpanId);
  const proposals = collector.spans.filter(({ name }) => name === 'raft.propose');
  expect(proposals.length).toBeGreaterThan(0);
  for (const { parentSpanId, node } of proposals)
    expect({ parentSpanId, node }).toEqual({ parentSpanId: call.spanId, node: `node${leader}` });
  const found = new Set(collector.spans.map(({ name }) => name));
  for (const name of ['append', 'commit', 'replicate', 'receive', 'apply'])
    expect(found).toContain(`raft.${name}`);
});

it('one put over the etcd API of a follower is one trace, over the node that passes it on', async () => {
  const ports = await freePorts(3);
  const flagsOf = (id: number) => ['--listen-etcd', `127.0.0.1:${ports[id - 1]}`];
  const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url], flagsOf });
  const leader = await cluster.leader();
  const follower = leader === 1 ? 2 : 1;
  const client = new GrpcClient(`127.0.0.1:${ports[follower - 1]}`);
  client.metadata.set('traceparent', `00-${traceId}-${callersSpanId}-01`);
  await client.put('x', '1');
  await until(async () => collector.spans.some(({ name }) => name === 'etcdserverpb.KV/Put'));
  await until(async () => collector.spans.filter(({ name }) => name === 'raft.apply').length >= 3);
  await until(async () =>
    collector.spans.some(({ name, node }) => name === 'raft.propose' && node === `node${leader}`),
  );
  const metrics = await (await fetch(`http://${cluster.endpoints[leader - 1]}/metrics`)).text();
  client.close();

  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const call = named('etcdserverpb.KV/Put', `node${follower}`);
  const forwards = collector.spans.filter(({ name }) => name === 'raft.forward');
  expect(forwards.length).toBeGreaterThan(0);
  for (const { parentSpanId, node } of forwards)
    expect({ parentSpanId, node }).toEqual({ parentSpanId: call.spanId, node: `node${follower}` });
  const proposals = collector.spans.filter(
    ({ name, node }) => name === 'raft.propose' && node === `node${leader}`,
  );
  expect(forwards.map(({ spanId }) => spanId)).toEqual(
    expect.arrayContaining(proposals.map(({ parentSpanId }) => parentSpanId)),
  );
  expect(proposals.length).toBeGreaterThan(0);
  expect(metrics).toMatch(/raft_proposal_duration_seconds_count\{outcome="applied"\} [1-9]/);
});

it('over HTTP between the nodes, too, a put is one trace', async () => {
  const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url, '--transport', 'http'] });
  await put(cluster, 'x');
  await until(async () => collector.spans.length >= 13);
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const receipts = collector.spans.filter(({ name }) => name === 'raft.receive');
  const replicas = collector.spans.filter(({ name }) => name === 'raft.replicate');
  expect(receipts.map(({ parentSpanId }) => parentSpanId).toSorted()).toEqual(
    replicas.map(({ spanId }) => spanId).toSorted(),
  );
});

it('where the leader is lost in between, the spans that only a leader could end are ended as errors', async () => {
  const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url] });
  const leader = await cluster.leader();
  const followers = cluster.founders.filter(({ id }) => id !== leader);
  for (const { process: child } of followers) child!.kill('SIGSTOP');
  const written = fetch(`http://${cluster.endpoints[leader - 1]}/v1/kv/x`, {
    method: 'PUT',
    body: '1',
    headers: { traceparent: `00-${traceId}-${callersSpanId}-01` },
  });
  // It steps down for want of a majority.
  await until(async () =>
    lines.some(({ id, line }) => id === leader && line.from === 'leader' && line.role !== 'leader'),
  );
  for (const { process: child } of followers) child!.kill('SIGCONT');
  await written;
  const ofLeader = `node${leader}`;
  await until(async () =>
    ['raft.commit', 'raft.replicate'].every((name) =>
      collector.spans.some((span) => span.node === ofLeader && span.name === name && span.status.code === 2),
    ),
  );
  const failed = collector.spans.find(({ name, status }) => name === 'raft.commit' && status.code === 2);
  expect(failed?.status.message).toBe('the node no longer leads');
});

it('without the flag nothing is exported, whatever a client sends', async () => {
  const cluster = await start({ size: 3 });
  await put(cluster, 'x');
  await cluster.stop();
  expect(collector.requests).toBe(0);
});

it.each(['dead', 'stuck'])(
  'with a %s collector writes go on, the log says so once, and nodes stop in their usual time',
  async (state) => {
    collector.isStuck = true;
    if (state === 'dead') collector.close();
    const cluster = await start({ size: 3, flags: ['--otlp-endpoint', url] });
    for (let at = 0; at < 3; at++) await put(cluster, `key${at}`);
    // One entry more for each further term.
    const leader = cluster.members[(await cluster.leader()) - 1]!;
    expect((await fetchStatus(leader.clientPort))!.commitIndex).toBeGreaterThanOrEqual(4);
    if (state === 'dead') await until(async () => lines.some(({ line }) => 'url' in line));
    const startMs = performance.now();
    const codes = await cluster.stop();
    expect(codes).toEqual([0, 0, 0]);
    // Less than an export may take before it is given up.
    expect(performance.now() - startMs).toBeLessThan(9000);
    for (const id of [1, 2, 3])
      expect(lines.filter((each) => each.id === id && 'url' in each.line).length).toBeLessThanOrEqual(1);
  },
);
