import { nanoid } from 'nanoid';
import { systemClock } from '../../adapters/system/clock.ts';
import { openLoopDelayMeter } from '../../adapters/system/loop-delay.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { Credentials } from '../../adapters/tls/credentials.ts';
import { PeerTls } from '../../adapters/transport/tcp/peer-tls.ts';
import { removedWords } from '../../node/members.ts';
import { SecondProcess } from '../../node/second-process.ts';
import { startNode } from '../../node/start-node.ts';
import { addressText } from '../../ports/address.ts';
import type { Log } from '../../ports/log.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { Housekeeper } from '../../store/kv/housekeeper.ts';
import { type KvResult, KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import { Watches } from '../../store/kv/watches.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import { SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { Submitter } from '../../store/sessions/submitter.ts';
import { RpcLog } from '../../store/tracing/rpc-log.ts';
import { exitCodes } from '../exit-codes.ts';
import { Channels } from './channels.ts';
import type { ClientPorts } from './client-ports.ts';
import { maxPeerConnections } from './connections-limit.ts';
import { foundersNamed, foundersToJoin, peersOf } from './founders.ts';
import { handOver } from './hand-over.ts';
import { type MeasuredParts, type SpannedParts, type Tracing, together } from './instruments.ts';
import { isStored, openStorage, refuseTakenPort, transports } from './node-adapters.ts';
import type { NodeOptions } from './node-options.ts';
import type { Secrets } from './secrets.ts';
import { StartRefused } from './start-refused.ts';
import { openTraceFile } from './trace-file.ts';

/** A running `raft-node`: resolves with the exit code once it has stopped. */
export interface RunningNode {
  readonly exitCode: Promise<number>;
  /** Stops; if it leads, it hands over first, so that the cluster goes on at once. For that it waits at most a little longer than an election takes. */
  retire(): void;
  /** Stops now, cleanly. */
  stop(): void;
  /** Reads its certificates and tokens anew, if it has any. */
  reload(): void;
}

/** What a node is assembled from. */
export interface Start {
  readonly options: NodeOptions;
  readonly rootLog: Log;
  readonly log: Log;
  readonly instruments: {
    /** Null: nothing is measured. */
    readonly metrics: NodeMetrics | null;
    /** Null: nothing is traced. */
    readonly tracing: Tracing | null;
    readonly attachInspector: ((log: Log) => Inspector) | null;
  };
  /** For the peer port; null: it has no TLS. */
  readonly credentials: Credentials | null;
  /** Of all ports. */
  readonly secrets: Secrets;
  /** Aborted: nobody wants the node any more. */
  readonly signal: AbortSignal;
  /** What it is doing, for people who ask meanwhile. */
  readonly tell: (doing: string) => void;
}

/** A node behind `ports`, with its storage, its transport and the key-value store. `onFailure` takes what closes something that has been opened. */
export const assembleNode = async (
  ports: ClientPorts,
  start: Start,
  onFailure: (close: () => unknown) => void,
): Promise<RunningNode> => {
  const { options, log, instruments, credentials, secrets, signal, tell } = start;
  const { metrics, tracing, attachInspector } = instruments;
  const { id, clusterId } = options;
  const tls = credentials === null ? null : new PeerTls({ credentials, clusterId, clock: systemClock, log });
  if (!(await isStored(options))) await refuseTakenPort(options.listenPeer);
  const joined = await foundersToJoin(options, { log, signal, tell, tls });
  const storage = await openStorage(options, {
    members: joined ?? foundersNamed(options),
    areMembersNamed: joined !== null || options.peers !== null,
    log,
    whileReading: async (share) => {
      tell(`reading the log: ${Math.floor(share * 100)} %`);
      await turn();
      signal.throwIfAborted();
    },
  });
  onFailure(() => new Promise<void>((resolve) => storage.close(resolve)));
  signal.throwIfAborted();
  // Its directory is locked by now: a second process must not cut the last line of the first one's trace.
  const traceFile = options.traceFile === null ? null : openTraceFile(options.traceFile, log);
  onFailure(() => traceFile?.close());
  const peers = peersOf(options, storage);
  if (typeof peers === 'string') throw new StartRefused(peers, exitCodes.inconsistency);
  const transport = await transports[options.transport].open({
    listen: options.listenPeer,
    peers,
    log,
    tls,
    maxIncoming: maxPeerConnections(),
  });
  onFailure(() => transport.close(() => {}));
  const inspector = attachInspector?.(log) ?? null;
  onFailure(() => inspector?.close());
  const kv = new KvStateMachine();
  const watches = new Watches(kv.store, systemClock);
  kv.onChange(() => watches.changed());
  const stateMachine = new SessionStateMachine(kv, kvResultCodec);
  const measured: MeasuredParts = metrics?.measure(storage, stateMachine) ?? { storage, stateMachine };
  const untraced = { storage: measured.storage, stateMachine: measured.stateMachine };
  const spanned: SpannedParts = tracing?.spans.trace(measured.storage, measured.stateMachine) ?? untraced;
  const tracer = traceFile?.trace(id, spanned.storage) ?? null;
  const rpcLog = options.traceRpc ? new RpcLog(log) : null;
  const channels = new Channels();
  const node = startNode({
    id,
    peers: Object.keys(peers).map(Number),
    peerAddresses: Object.fromEntries(
      Object.entries(peers).map(([peer, address]) => [peer, addressText(address)]),
    ),
    peerEndpoint: options.advertisePeer,
    transport,
    clock: systemClock,
    random: systemRandom,
    log: start.rootLog,
    loopDelay: openLoopDelayMeter(),
    clusterId,
    incarnation: nanoid(),
    clientEndpoint: options.advertiseClient,
    application: channels,
    ...spanned,
    ...tracer?.parts,
    ...together('sent', measured, spanned, tracer?.parts, rpcLog),
    ...together('lost', measured, rpcLog),
    ...together('received', measured, spanned, rpcLog),
    ...together('observe', spanned, tracer?.parts, rpcLog),
    ...together('inspect', inspector, tracer?.parts, rpcLog),
    settings: {
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      electionTimeoutMinMs: options.electionTimeoutMinMs,
      electionTimeoutMaxMs: options.electionTimeoutMaxMs,
      leaseReads: options.leaseReads,
      maxClockDrift: options.maxClockDrift,
      trailingEntries: options.trailingEntries,
      trailingBytes: options.trailingBytes,
    },
    limits: { snapshotBytes: options.snapshotBytes, snapshotEntries: options.snapshotEntries },
  });
  const housekeeper = new Housekeeper({
    node,
    kv,
    clock: systemClock,
    wallClock: Date.now,
    limits: { revisions: options.historyRevisions, ageMs: options.historyAgeMs },
  });
  const counted = metrics?.serve(node) ?? node;
  const served = tracing?.spans.serve(counted) ?? counted;
  // It serves those of other nodes as well, whatever this node offers to clients.
  const submitter: Submitter<KvResult> = new Submitter({
    node: served,
    results: kvResultCodec,
    send: channels.open('submitter', (from, message) => submitter.receive(from, message)),
    clock: systemClock,
    random: systemRandom,
    wallClock: Date.now,
    newName: nanoid,
    ...(tracing && { tracing: tracing.spans }),
  });
  const openSnapshot = () => storage.snapshots.read();
  ports.serve({ node: served, kv, watches, submitter, channels, openSnapshot });
  if (options.exitWhenRemoved) {
    void node.removed.then(() => {
      log.info({}, `stops: ${removedWords(id)}`);
      stop();
    });
  }
  const exitCode = node.stopped.then(async (error) => {
    housekeeper.close();
    submitter.close();
    await ports.close();
    secrets.close();
    await tracing?.close();
    inspector?.close();
    tracer?.stopped(error?.message ?? 'it was asked to');
    traceFile?.close();
    if (error instanceof SecondProcess || error instanceof LaterFormat)
      throw new StartRefused(error.message, exitCodes.inconsistency);
    return error === null ? exitCodes.success : exitCodes.failure;
  });
  const stop = (): void => void node.stop();
  const retire = async (): Promise<void> => {
    if (node.status().role === 'leader') await handOver(node, ports, options.electionTimeoutMaxMs, log);
    stop();
  };
  return {
    exitCode,
    stop,
    retire: () => void retire(),
    reload: () => secrets.reload(),
  };
};

/** Lets everything else that has arrived be handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
