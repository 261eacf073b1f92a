import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { openMemory } from '../src/adapters/storage/memory.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import type { Outcome, RaftNode } from '../src/node/node.ts';
import type { RaftSnapshot } from '../src/node/step.ts';
import type { AppendEntries, AppendEntriesResponse } from '../src/raft/messages.ts';
import { NodeTracing } from '../src/store/tracing/node-tracing.ts';
import { comparePaired } from './paired-clusters.ts';

/** What exporting spans costs, at the share of traces in SHARE (default 0.01), with a collector that takes them unread. The goal: less than 3 % of the writes at 1 %. */
const share = process.env.SHARE ?? '0.01';

/** What is called for one write on the leader of three if nothing is batched, without the export: in nanoseconds, of a node that does nothing else. Null: nothing is traced. */
const calledNs = (ratio: number | null): number => {
  const writes = 100_000;
  const tracer = new TracerProvider().getTracer('bench');
  const draw = (): boolean => Math.random() < (ratio ?? 0);
  const tracing = new NodeTracing({ tracer, clock: systemClock, draw });
  const storage = openMemory(undefined, (run) => run());
  const stateMachine = { apply: () => null };
  const traced = ratio === null ? null : tracing.trace(storage, stateMachine);
  const parts = traced ?? { storage, stateMachine };
  let finish: (outcome: Outcome<null>) => void = () => {};
  const bare = {
    submit: (_: Uint8Array, done: typeof finish) => {
      finish = done;
    },
  } as unknown as RaftNode<null>;
  const node = traced === null ? bare : tracing.serve(bare);
  const from = { from: 1, term: 1, prevLogTerm: 1, leaderCommit: 0, round: 1 };
  const snapshot = (commitIndex: number) =>
    ({ value: { leader: {} }, context: { commitIndex } }) as unknown as RaftSnapshot;
  const startMs = performance.now();
  for (let at = 1; at <= writes; at++) {
    const payload = new Uint8Array(256);
    const entries = [{ term: 1, kind: 'command' as const, payload }];
    const request = traced === null ? null : tracing.begin('put', { method: 'PUT', headers: {} });
    const submit = (): void => node.submit(payload, () => request?.answered(200));
    if (request === null) submit();
    else request.within(submit);
    parts.storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: at, entries });
    parts.storage.sync(() => {});
    for (const to of [2, 3]) {
      const message: AppendEntries = { ...from, type: 'AppendEntries', to, prevLogIndex: at - 1, entries };
      traced?.sent(message);
      traced?.traces.leaving(message);
    }
    traced?.observe(snapshot(at));
    parts.stateMachine.apply(payload, { index: at, term: 1 });
    for (const peer of [2, 3]) {
      const answer = { type: 'AppendEntriesResponse', from: peer, to: 1, success: true, matchIndex: at };
      traced?.received(answer as AppendEntriesResponse);
    }
    finish({ type: 'applied', index: at, term: 1, result: null });
  }
  const ns = ((performance.now() - startMs) * 1e6) / writes;
  tracing.close();
  return ns;
};

// Once before, so that it is compiled.
calledNs(1);
const [bare, none, few, all] = [null, 0, 0.01, 1].map((ratio) => (calledNs(ratio) / 1000).toFixed(1));
console.log(
  `what is called for one write on a leader, without the export: ${bare} µs without tracing, ${none} µs with no trace kept, ` +
    `${few} µs with 1 %, ${all} µs with all`,
);

let bytes = 0;
const collector = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const { port } = collector.address() as AddressInfo;
const flags = ['--otlp-endpoint', `http://127.0.0.1:${port}`, '--trace-sample', share];
await comparePaired({}, { flags }, () =>
  console.log(`${share} of the traces; the collector took ${(bytes / 1024 / 1024).toFixed(1)} MiB`),
);
collector.closeAllConnections();
collector.close();
