/**
 * Malformed requests against the client port of a running node: each must be refused, none may change the store.
 * Usage: `node bench/fuzz-http-port.ts --port 8001 [--requests 100000] [--seed 1]`. Exits 1 if something got through.
 * Nobody else may write in the meantime.
 */
import { parseArgs } from 'node:util';
import type { NodeStatus } from '../src/node/node.ts';
import { malformedRequest, seededDice } from '../test/store/http/malformed-requests.ts';
import { exchangeRaw, statusOf } from '../test/store/http/raw-client.ts';

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

/** Where the log ends. Only elections may move it: each new term adds at most one entry, its leader's no-op. */
const position = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/status`);
  const { term, lastLogIndex } = (await response.json()) as NodeStatus;
  return { term, lastLogIndex };
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
console.log(`before: ${JSON.stringify(before)}\nafter:  ${JSON.stringify(after)}`);
for (const line of accepted.slice(0, 10)) console.log(`ACCEPTED ${line}`);
const isChanged = after.lastLogIndex - before.lastLogIndex > after.term - before.term;
if (isChanged) console.log('CHANGED: the log grew by more than the no-ops of new terms');
if (accepted.length > 0 || isChanged) process.exitCode = 1;
