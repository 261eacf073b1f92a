/**
 * Requests that no peer sends, to the peer port of a running node with `--transport http`:
 *
 *     node bench/fuzz-peer-http.ts --port 7001 --id 1 --as 2 --requests 100000
 *
 * Further flags: `--cluster-id raftchart`, `--seed 1`. By hand with all that a node says of itself, as strangers, over connections of their own, and bytes that are no
 * HTTP; none may change a correct node's state. Each must be answered or closed; the exit code is 1 if one is not. Do not use `--as` with a peer that runs.
 */
import { request } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import type { Hello } from '../src/adapters/codec/control.ts';
import { messageIn, messageJson } from '../src/adapters/codec/json-message.ts';
import { isMalformed } from '../src/adapters/codec/malformed.ts';
import { decodeMessage } from '../src/adapters/codec/message.ts';
import { wireVersion } from '../src/adapters/codec/wire-versions.ts';
import { helloHeaders } from '../src/adapters/transport/http/control-json.ts';
import { controlPaths, messagePaths, typeAt } from '../src/adapters/transport/http/routes.ts';
import { anyFrame } from '../test/adapters/codec/frame-arbitraries.ts';
import { anyMessage } from '../test/adapters/codec/message-arbitraries.ts';

const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    id: { type: 'string', default: '1' },
    as: { type: 'string', default: '2' },
    'cluster-id': { type: 'string', default: 'raftchart' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const [port, id, as] = [Number(flags.port), Number(flags.id), Number(flags.as)];
const patienceMs = 10_000;
const atOneTime = 16;

const hello: Hello = {
  type: 'Hello',
  version: wireVersion,
  clusterId: flags['cluster-id'],
  from: as,
  to: id,
  incarnation: 'fuzz',
  clientEndpoint: null,
  peerEndpoint: null,
  configurationIndex: 0,
  logId: '0'.repeat(32),
  start: 1,
  runs: [{ start: 1, tag: '00000000' }],
  firstMembers: [1, 2],
};

interface Stroke {
  readonly kind: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const header = fc.constantFrom(
  ...Object.keys(helloHeaders(hello)),
  'raft-connection',
  'raft-sequence',
  'content-type',
);
const value = fc.oneof(
  fc.constantFrom('', '0', '-1', '1e99', '%', 'NaN', '9'.repeat(400)),
  fc.string({ maxLength: 40 }),
);
const visible = (text: string): string => text.replaceAll(/[^ -~]/g, '?').trim();
const path = fc.constantFrom(
  ...typeAt.keys(),
  ...Object.values(controlPaths),
  '/',
  '/vote/',
  '/%',
  '/vote?term=1',
);

/** A message as JSON with one field changed, which is malformed by that. */
const brokenMessage: fc.Arbitrary<Stroke> = fc
  .tuple(anyMessage, fc.nat(), fc.jsonValue())
  .map(([message, at, other]) => {
    const json = messageJson({ ...message, from: as, to: id });
    const key = Object.keys(json)[at % Object.keys(json).length]!;
    return { message, json: { ...json, [key]: other } };
  })
  .filter(({ message, json }) => isMalformed(messageIn(message.type, as, id, json)))
  .map(({ message, json }) => ({
    kind: 'a malformed message by hand',
    path: messagePaths[message.type],
    headers: helloHeaders(hello),
    body: Buffer.from(JSON.stringify(json)),
  }));
const anyBody: fc.Arbitrary<Stroke> = fc
  .tuple(path, fc.dictionary(header, value, { maxKeys: 4 }), fc.uint8Array({ maxLength: 300 }))
  .map(([where, more, body]) => ({
    kind: 'any path, headers and body',
    path: where,
    headers: Object.fromEntries(Object.entries(more).map(([name, text]) => [name, visible(text)])),
    body,
  }));
const brokenHello: fc.Arbitrary<Stroke> = fc.tuple(header, value).map(([name, text]) => ({
  kind: 'a greeting with another header',
  path: controlPaths.hello,
  headers: { ...helloHeaders(hello), [name]: visible(text) },
  body: new Uint8Array(0),
}));
const strokes = fc.oneof(brokenMessage, anyBody, brokenHello);

const count = new Map<string, number>();
const add = (what: string): void => void count.set(what, (count.get(what) ?? 0) + 1);

const send = ({ path: where, headers, body }: Omit<Stroke, 'kind'>): Promise<string> =>
  new Promise((resolve) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: where,
        headers: { ...headers, 'content-length': body.length },
      },
      (answer) => answer.resume().once('close', () => resolve(`${answer.statusCode}`)),
    );
    sent.setTimeout(patienceMs, () => sent.destroy(new Error('LEFT OPEN')));
    sent.once('error', (error) => resolve(error.message === 'LEFT OPEN' ? error.message : 'closed'));
    sent.end(body);
  });

/** A frame over a connection of its own, after a greeting or instead of one. */
const sendFrame = async (frame: Uint8Array, name: string, isGreeted: boolean): Promise<string> => {
  const mine = { 'raft-connection': name };
  await send({ path: controlPaths.connect, headers: mine, body: new Uint8Array(0) });
  if (isGreeted)
    await send({
      path: controlPaths.hello,
      headers: { ...helloHeaders(hello), ...mine, 'raft-sequence': '0' },
      body: new Uint8Array(0),
    });
  return send({
    path: controlPaths.frame,
    headers: { ...mine, 'raft-sequence': isGreeted ? '1' : '0' },
    body: frame,
  });
};

const sendBytes = (bytes: Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.setTimeout(patienceMs, () => {
      socket.destroy();
      resolve('LEFT OPEN');
    });
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve('closed'));
  });

const total = Number(flags.requests);
const seed = Number(flags.seed);
const start = performance.now();
let sent = 0;
const worker = async (which: number): Promise<void> => {
  for (let batch = 0; sent < total; batch++) {
    const options = { numRuns: 100, seed: seed * 1_000_003 + batch * atOneTime + which };
    const frames = fc.sample(anyFrame, options);
    for (const [at, stroke] of fc.sample(strokes, options).entries()) {
      if (sent >= total) return;
      const number = sent++;
      const frame = frames[at]!;
      // A well-formed message may rightly change a node's state.
      if (number % 3 > 0) add(`${stroke.kind}, ${await send(stroke)}`);
      else if (number % 2 === 0) add(`bytes that are no HTTP, ${await sendBytes(frame)}`);
      else if (isMalformed(decodeMessage(frame)))
        add(`a frame over a connection, ${await sendFrame(frame, `fuzz-${number}`, number % 4 === 1)}`);
    }
  }
};
await Promise.all(Array.from({ length: atOneTime }, (_, which) => worker(which)));
for (const [what, times] of [...count].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
console.log(`${total} requests in ${((performance.now() - start) / 1000).toFixed(1)} s, seed ${seed}`);
if ([...count.keys()].some((what) => what.includes('LEFT OPEN'))) process.exitCode = 1;
