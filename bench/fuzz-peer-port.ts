/**
 * Frames that no peer sends, through the decoder or, with `--port`, into the peer port of a running node:
 *
 *     node bench/fuzz-peer-port.ts                                        100,000 frames through the decoder
 *     node bench/fuzz-peer-port.ts --port 7001 --id 1                     the same from strangers, over TCP
 *     node bench/fuzz-peer-port.ts --port 7001 --id 1 --as 2 --cluster-id raftchart    half of them after a valid Hello of node 2
 *
 * Further flags: `--host 127.0.0.1`, `--frames 100000`, `--seed 1`. Each frame has a connection of its own, which the node must
 * close; the exit code is 1 if it leaves one open or stops answering. Do not use `--as` with a peer that runs.
 */
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { decodeControl, encodeControl } from '../src/adapters/codec/control.ts';
import { isMalformed } from '../src/adapters/codec/malformed.ts';
import { decodeMessage } from '../src/adapters/codec/message.ts';
import { wireVersion } from '../src/adapters/codec/wire-versions.ts';
import { unitKinds } from '../src/adapters/transport/tcp/ordered-lane.ts';
import { anyFrame } from '../test/adapters/codec/frame-arbitraries.ts';

const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    id: { type: 'string', default: '1' },
    as: { type: 'string' },
    'cluster-id': { type: 'string', default: 'raftchart' },
    frames: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const frameCount = Number(flags.frames);
const seed = Number(flags.seed);
/** Fewer than the connections without a Hello that a node allows, so that its peers find room. */
const atOneTime = 16;
const patienceMs = 10_000;

/** Frames in batches; the same for the same seed. */
function* generatedFrames(): Generator<Uint8Array> {
  for (let batch = 0; ; batch++)
    yield* fc.sample(anyFrame, { numRuns: 1000, seed: seed * 1_000_003 + batch });
}

const count = new Map<string, number>();
const add = (what: string): void => void count.set(what, (count.get(what) ?? 0) + 1);

const fuzzDecoder = (): void => {
  const frames = generatedFrames();
  let slowestMs = 0;
  for (let i = 0; i < frameCount; i++) {
    const frame = frames.next().value as Uint8Array;
    const start = performance.now();
    const message = decodeMessage(frame);
    const control = decodeControl(frame);
    slowestMs = Math.max(slowestMs, performance.now() - start);
    add(isMalformed(message) && isMalformed(control) ? 'malformed' : 'well-formed');
  }
  console.log(
    `slowest ${slowestMs.toFixed(2)} ms, resident ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
  );
};

const prefixed = (frame: Uint8Array, length = frame.length): Buffer => {
  const bytes = Buffer.alloc(4 + frame.length);
  bytes.writeUInt32BE(length);
  bytes.set(frame, 4);
  return bytes;
};

const unit = (kind: number, bytes: Uint8Array): Buffer => prefixed(Uint8Array.of(kind, ...bytes));

/** What is written to one connection: nothing that changes a correct node's state. */
const strokeOf = (frame: Uint8Array, i: number): { readonly kind: string; readonly bytes: Buffer } => {
  const isPeer = flags.as !== undefined && i % 2 === 0;
  const before = isPeer ? prefixed(hello) : Buffer.alloc(0);
  const kind = isPeer ? 'after a Hello' : 'from a stranger';
  switch (i % 40) {
    case 0:
    case 1:
      return { kind: `${kind}: length 0`, bytes: Buffer.concat([before, Buffer.alloc(4)]) };
    case 2:
    case 3:
      return {
        kind: `${kind}: length of 4 GiB`,
        bytes: Buffer.concat([before, prefixed(frame, 0xffff_ffff)]),
      };
    case 4:
    case 5:
      return {
        kind: `${kind}: cut off`,
        bytes: Buffer.concat([before, prefixed(frame, frame.length + 100)]),
      };
    case 6:
    case 7: {
      const middle = Math.max(1, frame.length >> 1);
      const pieces = [
        unit(unitKinds.piece, frame.subarray(0, middle)),
        unit(unitKinds.lastPiece, frame.subarray(middle)),
      ];
      return { kind: `${kind}: frame in two pieces`, bytes: Buffer.concat([before, ...pieces]) };
    }
    case 8:
    case 9:
      return {
        kind: `${kind}: confirmation of what was not sent`,
        bytes: Buffer.concat([before, unit(unitKinds.confirmation, Uint8Array.of(0, 0, 1, 0))]),
      };
    default:
      return { kind: `${kind}: frame`, bytes: Buffer.concat([before, prefixed(frame)]) };
  }
};

const hello = encodeControl({
  type: 'Hello',
  version: wireVersion,
  clusterId: flags['cluster-id'],
  from: Number(flags.as ?? 1),
  to: Number(flags.id),
  incarnation: 'fuzz',
  clientEndpoint: null,
  peerEndpoint: null,
  configurationIndex: 0,
  logId: '0'.repeat(32),
  start: 1,
  runs: [{ start: 1, tag: '00000000' }],
  firstMembers: [1, 2],
});

/** Writes `bytes`, then ends its side if it is the cut-off kind; resolves with what became of the connection. */
const strike = (bytes: Buffer, isCutOff: boolean): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: flags.host, port: Number(flags.port) });
    let isConnected = false;
    const patience = setTimeout(() => {
      socket.destroy();
      resolve('LEFT OPEN');
    }, patienceMs);
    socket.on('connect', () => {
      isConnected = true;
      if (isCutOff) socket.end(bytes);
      else socket.write(bytes);
    });
    socket.on('error', () => {});
    socket.resume();
    socket.once('close', () => {
      clearTimeout(patience);
      resolve(isConnected ? 'closed' : 'NOT CONNECTED');
    });
  });

const fuzzPort = async (): Promise<void> => {
  const frames = generatedFrames();
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < frameCount) {
      const frame = frames.next().value as Uint8Array;
      // A well-formed message may rightly change a node's state, an empty frame is a kind of its own.
      if (frame.length === 0 || !isMalformed(decodeMessage(frame))) continue;
      const stroke = strokeOf(frame, sent++);
      add(`${stroke.kind}, ${await strike(stroke.bytes, stroke.kind.endsWith('cut off'))}`);
    }
  };
  await Promise.all(Array.from({ length: atOneTime }, worker));
};

const start = performance.now();
if (flags.port === undefined) fuzzDecoder();
else await fuzzPort();
const seconds = (performance.now() - start) / 1000;
for (const [what, times] of [...count].sort()) console.log(`${String(times).padStart(8)}  ${what}`);
console.log(`${frameCount} frames in ${seconds.toFixed(1)} s, seed ${seed}`);
if ([...count.keys()].some((what) => /LEFT OPEN|NOT CONNECTED/.test(what))) process.exitCode = 1;
