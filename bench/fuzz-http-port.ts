/**
 * Malformed requests against the client port of a running node: each must be refused, none may change the store.
 * Usage: `node bench/fuzz-http-port.ts --port 8001 [--requests 100000] [--seed 1] [--cacert FILE]`, with which it sends them through TLS. Exits 1 if something got through.
 * Nobody else may write in the meantime.
 */
import { connect, type TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { ask } from '../src/cli/client/leader.ts';
import { statusOperation } from '../src/cli/client/operations.ts';
import { parseGivenEndpoint, reachOf } from '../src/cli/client/reach.ts';
import type { NodeStatus } from '../src/node/node.ts';
import { malformedRequest, seededDice } from '../test/store/http/malformed-requests.ts';
import { exchangeOn, exchangeRaw, statusOf } from '../test/store/http/raw-client.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    cacert: { type: 'string' },
  },
});
if (values.port === undefined) throw new Error('--port is missing');
const port = Number(values.port);
const requests = Number(values.requests);
const seed = Number(values.seed);
const dice = seededDice(seed);
const concurrency = 50;

const { reach, endpoints } = reachOf(
  [parseGivenEndpoint(`127.0.0.1:${port}`)],
  values.cacert === undefined ? {} : { cacert: values.cacert },
);
let session: Buffer | undefined;
/** A connection that goes on with the session of an earlier one: most of the cost of a handshake is the certificate. */
const secured = (): TLSSocket => {
  const socket = connect({
    host: '127.0.0.1',
    port,
    secureContext: reach.tls!,
    ...(session === undefined ? {} : { session }),
  });
  socket.on('session', (ticket) => {
    session = ticket;
  });
  return socket;
};

/** Where the log ends. Only elections may move it: each new term adds at most one entry, its leader's no-op. */
const position = async () => {
  const reply = await ask(reach, endpoints[0]!, statusOperation, 10_000);
  if ('problem' in reply) throw new Error(reply.problem);
  const { term, lastLogIndex } = JSON.parse(reply.body.toString()) as NodeStatus;
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
    const answer = await (reach.tls === null ? exchangeRaw(port, bytes) : exchangeOn(secured(), bytes));
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
