import { nanoid } from 'nanoid';
import { systemClock } from '../../adapters/system/clock.ts';
import { openLoopDelayMeter } from '../../adapters/system/loop-delay.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { type CredentialFiles, Credentials, CredentialsRefused } from '../../adapters/tls/credentials.ts';
import type { NodeIdentity } from '../../adapters/tls/node-identity.ts';
import { ListenFailed } from '../../adapters/transport/tcp/listen.ts';
import { PeerTls } from '../../adapters/transport/tcp/peer-tls.ts';
import { JoinRefused } from '../../node/join-cluster.ts';
import { removedWords } from '../../node/members.ts';
import { SecondProcess } from '../../node/second-process.ts';
import { startNode } from '../../node/start-node.ts';
import { addressText } from '../../ports/address.ts';
import { type Log, withFields } from '../../ports/log.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { nodeName } from '../../raft/types.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { TokenFile } from '../../store/http/access/token-file.ts';
import { TokensUnusable } from '../../store/http/access/tokens.ts';
import { type HttpApi, HttpListenFailed, openHttp } from '../../store/http/server.ts';
import { Housekeeper } from '../../store/kv/housekeeper.ts';
import { type KvResult, KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import { Watches } from '../../store/kv/watches.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import { SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { Submitter } from '../../store/sessions/submitter.ts';
import { RpcLog } from '../../store/tracing/rpc-log.ts';
import { exitCodes } from '../exit-codes.ts';
import { version } from '../version.ts';
import { Channels } from './channels.ts';
import { maxClientConnections, maxPeerConnections } from './connections-limit.ts';
import { etcdApiOf, type OpenedEtcd } from './etcd-api.ts';
import { foundersNamed, foundersToJoin, peersOf } from './founders.ts';
import { handOver } from './hand-over.ts';
import {
  inspectorOf,
  type MeasuredParts,
  measuring,
  type SpannedParts,
  type Tracing,
  together,
  tracingOf,
} from './instruments.ts';
import { isStored, openStorage, refuseTakenPort, transports } from './node-adapters.ts';
import type { NodeOptions } from './node-options.ts';
import { openApi } from './open-api.ts';
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

/**
 * Puts one node together: the client API, the storage, the transport and the key-value store. The API answers from the start, even while the log is
 * being read. `exitCode` rejects with `StartRefused`.
 */
export const runNode = (options: NodeOptions, rootLog: Log): RunningNode => {
  const starting = new AbortController();
  const { signal } = starting;
  const started = start(options, rootLog, signal);
  const exitCode = started.then(
    ({ exitCode: code }) => code,
    (error: unknown) => {
      if (signal.aborted && error === signal.reason) return exitCodes.success;
      throw error;
    },
  );
  // A refusal is reported by `exitCode`.
  const onceStarted = (act: (node: RunningNode) => void): void => {
    starting.abort();
    started.then(act, () => {});
  };
  return {
    exitCode,
    retire: () => onceStarted((node) => node.retire()),
    stop: () => onceStarted((node) => node.stop()),
    reload: () =>
      void started.then(
        (node) => node.reload(),
        () => {},
      ),
  };
};

/** Opens the client API first: an address that is in use is refused before anything is touched on disk. */
const start = async (options: NodeOptions, rootLog: Log, signal: AbortSignal): Promise<RunningNode> => {
  const { id, listenClient } = options;
  const metrics = options.metrics ? await measuring(options) : null;
  const attachInspector = await inspectorOf(options);
  const log = withFields(rootLog, { node: nodeName(id) });
  const tracing = await tracingOf(options, log);
  let words = 'starting';
  const tell = (doing: string): void => {
    words = doing;
  };
  const secrets: Secret[] = [];
  const keep = <Each extends Secret>(secret: Each): Each => {
    secrets.push(secret);
    return secret;
  };
  let http: HttpApi | null = null;
  let etcd: OpenedEtcd | null = null;
  try {
    const { clusterId, peerTls, clientTls, tokenFile, hostNames } = options;
    const identity = { clusterId, node: id };
    const credentialsIn = (files: CredentialFiles | null, of: NodeIdentity | null) =>
      files === null ? null : keep(new Credentials({ files, identity: of, clock: systemClock, log }));
    const credentials = credentialsIn(peerTls, identity);
    const tls = credentialsIn(clientTls, null);
    const tokens = tokenFile === null ? null : keep(new TokenFile(tokenFile, systemClock, log));
    const maxConnections = Math.ceil(maxClientConnections() / (options.listenEtcd === null ? 1 : 2));
    const limits = { maxConnections };
    const access = { tls, tokens, hostNames };
    http = await openHttp({
      id,
      ...listenClient,
      log,
      limits,
      startingWords: () => words,
      metrics,
      ...access,
      tracing: tracing?.spans ?? null,
      openApi,
    });
    etcd = await etcdApiOf(options, { log, maxConnections, startingWords: () => words, tls, tokens });
    const start = {
      etcd,
      options,
      rootLog,
      log,
      metrics,
      tracing,
      credentials,
      secrets,
      attachInspector,
      signal,
      tell,
    };
    return await startBehind(http, start);
  } catch (error) {
    for (const secret of secrets) secret.close();
    await http?.close(0);
    await etcd?.close(0);
    await tracing?.close();
    return refuse(error);
  }
};

/** What is read from files, and anew when they change. */
type Secret = Pick<Credentials | TokenFile, 'reload' | 'close'>;

interface Start {
  /** Null: it is not offered. */
  readonly etcd: OpenedEtcd | null;
  readonly options: NodeOptions;
  readonly rootLog: Log;
  readonly log: Log;
  /** Null: nothing is measured. */
  readonly metrics: NodeMetrics | null;
  /** Null: nothing is traced. */
  readonly tracing: Tracing | null;
  /** For the peer port; null: it has no TLS. */
  readonly credentials: Credentials | null;
  /** Of both ports. */
  readonly secrets: readonly Secret[];
  readonly attachInspector: ((log: Log) => Inspector) | null;
  /** Aborted: nobody wants the node any more. */
  readonly signal: AbortSignal;
  /** What it is doing, for people who ask meanwhile. */
  readonly tell: (doing: string) => void;
}

const startBehind = async (http: HttpApi, start: Start): Promise<RunningNode> => {
  /** What has to be closed if the rest fails, the last first. Once the node runs, it closes its storage and its transport itself. */
  const closing: (() => unknown)[] = [];
  try {
    return await assemble(http, start, (close) => closing.unshift(close));
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
};

/** `onFailure` takes what closes something that has been opened. */
const assemble = async (
  http: HttpApi,
  {
    etcd,
    options,
    rootLog,
    log,
    metrics,
    tracing,
    credentials,
    secrets,
    attachInspector,
    signal,
    tell,
  }: Start,
  onFailure: (close: () => unknown) => void,
): Promise<RunningNode> => {
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
    log: rootLog,
    loopDelay: openLoopDelayMeter(),
    clusterId: options.clusterId,
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
  const served = metrics?.serve(node) ?? node;
  // It serves those of other nodes as well, whatever this node offers to clients.
  const submitter: Submitter<KvResult> = new Submitter({
    node,
    results: kvResultCodec,
    send: channels.open('submitter', (from, message) => submitter.receive(from, message)),
    clock: systemClock,
    random: systemRandom,
    wallClock: Date.now,
    newName: nanoid,
  });
  etcd?.serve({ node: served, kv, watches, submitter, channels });
  http.serve({
    node: tracing?.spans.serve(served) ?? served,
    readValue: (key) => kv.get(key),
    kv,
    watches,
    leaseReads: options.leaseReads,
    backups: {
      clusterId: options.clusterId,
      program: version,
      openSnapshot: () => storage.snapshots.read(),
    },
    clientEndpointOf: (leader) =>
      leader === id
        ? options.advertiseClient
        : (node.status().peers.find((peer) => peer.id === leader)?.endpoint ?? null),
  });
  if (options.exitWhenRemoved) {
    void node.removed.then(() => {
      log.info({}, `stops: ${removedWords(id)}`);
      stop();
    });
  }
  const exitCode = node.stopped.then(async (error) => {
    housekeeper.close();
    submitter.close();
    await Promise.all([http.close(), etcd?.close()]);
    for (const secret of secrets) secret.close();
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
    if (node.status().role === 'leader') {
      const apis = { close: () => Promise.all([http.close(), etcd?.close()]) };
      await handOver(node, apis, options.electionTimeoutMaxMs, log);
    }
    stop();
  };
  return {
    exitCode,
    stop,
    retire: () => void retire(),
    reload: () => {
      for (const secret of secrets) secret.reload();
    },
  };
};

/** Lets everything else that has arrived be handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Its module is loaded only where it is used. */
const isEtcdListenFailed = (error: unknown): error is Error => (error as Error).name === 'EtcdListenFailed';

const refuse = (error: unknown): never => {
  if (error instanceof StorageRefused) {
    const isPassing = error.reason === 'locked' || error.reason === 'unusable';
    throw new StartRefused(error.message, isPassing ? exitCodes.failure : exitCodes.inconsistency);
  }
  if (error instanceof JoinRefused) throw new StartRefused(error.message, exitCodes.inconsistency);
  if (error instanceof CredentialsRefused || error instanceof TokensUnusable)
    throw new StartRefused(error.message, exitCodes.failure);
  if (error instanceof ListenFailed || error instanceof HttpListenFailed || isEtcdListenFailed(error)) {
    throw new StartRefused(error.message, exitCodes.failure);
  }
  throw error;
};
