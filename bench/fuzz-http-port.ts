/**
 * Malformed requests against the client port of a running node: each must be refused, none may change the store.
 * Usage: `node bench/fuzz-http-port.ts --port 8001 [--requests 100000] [--seed 1]`. Exits 1 if something got through.
 */
import { parseArgs } from 'node:util';
import type { NodeStatus } from '../src/node/node.ts';
import { malformedRequest, seededDice } from '../test/http/malformed-requests.ts';
import { exchangeRaw, statusOf } from '../test/http/raw-client.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.port === undefined) throw new Error('--port is missing');
const port = Number(values.port);
const requests = Number(values.requests);
const seed = Number(values.seed);
const dice = seededDice(seed);
const concurrency = 50;

/** What must not change: the log's end, as far as no other client writes. */
const position = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/status`);
  const status = (await response.json()) as NodeStatus;
  return `term ${status.term}, lastLogIndex ${status.lastLogIndex}`;
};

const before = await position();
const byStatus = new Map<number, number>();
const accepted: string[] = [];
const startedAt = performance.now();
let sent = 0;
const worker = async () => {
  while (sent < requests) {
    sent += 1;
    const { kind, bytes } = malformedRequest(dice);
    const answer = await exchangeRaw(port, bytes);
    const status = statusOf(answer);
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    if (status !== 0 && status < 400) accepted.push(`${kind}: ${answer.slice(0, 200)}`);
  }
};
await Promise.all(Array.from({ length: concurrency }, worker));
const seconds = (performance.now() - startedAt) / 1000;
const after = await position();

const statuses = [...byStatus].sort(([a], [b]) => a - b);
console.log(`${requests} malformed requests, seed ${seed}, ${seconds.toFixed(1)} s`);
for (const [status, count] of statuses) console.log(`  ${status === 0 ? 'closed' : status}: ${count}`);
console.log(`before: ${before}\nafter:  ${after}`);
for (const line of accepted.slice(0, 10)) console.log(`ACCEPTED ${line}`);
if (accepted.length > 0 || before !== after) process.exitCode = 1;
