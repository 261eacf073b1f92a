import type { Outcome, RaftNode } from '../src/node/node.ts';
import type { StateMachine } from '../src/ports/state-machine.ts';
import type { Message } from '../src/raft/messages.ts';
import { measuredNode, measuredStateMachine } from '../src/store/metrics/measured-parts.ts';
import { Measurements } from '../src/store/metrics/measurements.ts';
import { comparePaired, processorMs } from './paired-clusters.ts';
import { quantile } from './quantile.ts';

/** What it costs to be measured, and what a scrape of all three nodes costs beside. The goal: less than 3 % of the writes. */
const scrapes = Number(process.env.SCRAPES ?? 200);

/** What is called for one write on the leader of three if nothing is batched, which is the most that there can be: in nanoseconds, of a node that does nothing else. */
const addedNs = (): { readonly bare: number; readonly measured: number } => {
  const writes = 300_000;
  const command = new Uint8Array(256);
  const applied: Outcome<null> = { type: 'applied', index: 1, term: 1, result: null };
  const node = {
    submit: (_: Uint8Array, done: (outcome: Outcome<null>) => void) => done(applied),
  } as unknown as RaftNode<null>;
  const stateMachine: StateMachine<null> = { apply: () => null };
  const append = (to: number, prevLogIndex: number): Message => ({
    type: 'AppendEntries',
    from: 1,
    to,
    term: 1,
    prevLogIndex,
    prevLogTerm: 1,
    entries: [{ term: 1, kind: 'command', payload: command }],
    leaderCommit: 0,
    round: 1,
  });
  const answer = (from: number, prevLogIndex: number): Message => ({
    type: 'AppendEntriesResponse',
    from,
    to: 1,
    term: 1,
    success: true,
    prevLogIndex,
    matchIndex: prevLogIndex + 1,
    conflictTerm: 0,
    conflictIndex: 0,
    round: 1,
  });
  const timed = (measured: Measurements | null): number => {
    const { submit } = measured === null ? node : measuredNode(node, measured);
    const { apply } = measured === null ? stateMachine : measuredStateMachine(stateMachine, measured);
    const startMs = performance.now();
    for (let index = 0; index < writes; index++) {
      const requestMs = measured === null ? 0 : performance.now();
      submit(command, () => {});
      for (const peer of [2, 3]) {
        const [sent, received] = [append(peer, index), answer(peer, index)];
        measured?.sent(sent);
        measured?.received(received);
      }
      apply(command, { index, term: 1 });
      measured?.http.answered('put', 200, (performance.now() - requestMs) / 1000);
    }
    return ((performance.now() - startMs) * 1e6) / writes;
  };
  const measurements = () => new Measurements(() => performance.now());
  // Both once before, so that they are compiled.
  timed(null);
  timed(measurements());
  return { bare: timed(null), measured: timed(measurements()) };
};

const { bare, measured } = addedNs();
console.log(
  `what is called for one write: ${bare.toFixed(0)} ns without, ${measured.toFixed(0)} ns with measuring; adds ${((measured - bare) / 1000).toFixed(1)} µs at most`,
);

await comparePaired({ flags: ['--metrics', 'off'] }, {}, async (cluster) => {
  const scrape = async (): Promise<string> => {
    const texts = cluster.endpoints.map(async (endpoint) =>
      (await fetch(`http://${endpoint}/metrics`)).text(),
    );
    return (await Promise.all(texts))[0]!;
  };
  const text = await scrape();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const before = processorMs(cluster);
  const latencies: number[] = [];
  for (let at = 0; at < scrapes; at++) {
    const startMs = performance.now();
    await scrape();
    latencies.push(performance.now() - startMs);
  }
  const cpuMs = (processorMs(cluster) - before) / scrapes / cluster.founders.length;
  latencies.sort((a, b) => a - b);
  console.log(
    `a scrape: ${series} series, ${(text.length / 1024).toFixed(0)} KiB, ${cpuMs.toFixed(1)} ms of processor time; ` +
      `all three nodes at once answer within ${quantile(latencies, 0.5).toFixed(1)} ms (p50), ${quantile(latencies, 0.99).toFixed(1)} ms (p99) of ${scrapes}`,
  );
});
