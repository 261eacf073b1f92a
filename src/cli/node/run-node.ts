import { nanoid } from 'nanoid';
import { systemClock } from '../../adapters/system/clock.ts';
import { openLoopDelayMeter } from '../../adapters/system/loop-delay.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { Credentials, CredentialsRefused } from '../../adapters/tls/credentials.ts';
import { ListenFailed } from '../../adapters/transport/tcp/listen.ts';
import { PeerTls } from '../../adapters/transport/tcp/peer-tls.ts';
import { JoinRefused } from '../../node/join-cluster.ts';
import { removedWords } from '../../node/members.ts';
import { SecondProcess } from '../../node/second-process.ts';
import { type NodeParts, startNode } from '../../node/start-node.ts';
import { addressText } from '../../ports/address.ts';
import { type Log, withFields } from '../../ports/log.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { nodeName } from '../../raft/types.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { optionalPackage } from '../../statechart/missing-package.ts';
import { type HttpApi, HttpListenFailed, openHttp } from '../../store/http/server.ts';
import { type KvResult, KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import { type SessionResult, SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { exitCodes } from '../exit-codes.ts';
import { version } from '../version.ts';
import { maxClientConnections, maxPeerConnections } from './connections-limit.ts';
import { foundersNamed, foundersToJoin, peersOf } from './founders.ts';
import { handOver } from './hand-over.ts';
import { isStored, openStorage, refuseTakenPort, transports, usageOf } from './node-adapters.ts';
import type { NodeOptions } from './node-options.ts';
import { StartRefused } from './start-refused.ts';
import { openTraceFile } from './trace-file.ts';

/** A running `raft-node`: resolves with the exit code once it has stopped. */
export interface RunningNode {
  readonly exitCode: Promise<number>;
  /** Hands over first if it leads, so that the cluster goes on at once; then stops. It waits for that a little longer than an election takes, at most. */
  retire(): void;
  /** Stops now, cleanly. */
  stop(): void;
  /** Reads its certificates anew, if it has any. */
  reload(): void;
}

/**
 * Puts one node together: the client API, the storage, the transport and the key-value store. The API answers from the first moment on, also while the log is read.
 * `exitCode` rejects with `StartRefused`.
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
  // Who waits for the exit code is told of a refusal.
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
  let words = 'starting';
  const tell = (doing: string): void => {
    words = doing;
  };
  let credentials: Credentials | null = null;
  let http: HttpApi | null = null;
  try {
    credentials = credentialsOf(options, log);
    const limits = { maxConnections: maxClientConnections() };
    http = await openHttp({ id, ...listenClient, log, limits, startingWords: () => words, metrics });
    const start = { options, rootLog, log, metrics, credentials, attachInspector, signal, tell };
    return await startBehind(http, start);
  } catch (error) {
    credentials?.close();
    await http?.close(0);
    return refuse(error);
  }
};

interface Start {
  readonly options: NodeOptions;
  readonly rootLog: Log;
  readonly log: Log;
  /** Null: nothing is measured. */
  readonly metrics: NodeMetrics | null;
  /** For the peer port; null: it has no TLS. */
  readonly credentials: Credentials | null;
  readonly attachInspector: ((log: Log) => Inspector) | null;
  /** Aborted: nobody wants the node any more. */
  readonly signal: AbortSignal;
  /** What it is doing, for people who ask meanwhile. */
  readonly tell: (doing: string) => void;
}

const startBehind = async (
  http: HttpApi,
  { options, rootLog, log, metrics, credentials, attachInspector, signal, tell }: Start,
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
  const closed = () => new Promise<void>((resolve) => storage.close(resolve));
  const { traceFile, peers } = await started(() => {
    signal.throwIfAborted();
    // Its directory is locked by now: a second process must not cut the last line of the first one's trace.
    const file = options.traceFile === null ? null : openTraceFile(options.traceFile, log);
    return { traceFile: file, peers: peersOf(options, storage) };
  }).catch(async (error: unknown) => {
    await closed();
    throw error;
  });
  if (typeof peers === 'string') {
    traceFile?.close();
    await closed();
    throw new StartRefused(peers, exitCodes.inconsistency);
  }
  const transport = await transports[options.transport]
    .open({ listen: options.listenPeer, peers, log, tls, maxIncoming: maxPeerConnections() })
    .catch(async (error: unknown) => {
      traceFile?.close();
      await closed();
      throw error;
    });
  const inspector = attachInspector?.(log) ?? null;
  const kv = new KvStateMachine();
  const stateMachine = new SessionStateMachine(kv, kvResultCodec);
  const measured: MeasuredParts = metrics?.measure(storage, stateMachine) ?? { storage, stateMachine };
  const tracer = traceFile?.trace(id, measured.storage) ?? null;
  const node = await started(() =>
    startNode({
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
      ...measured,
      ...tracer?.parts,
      ...together('sent', measured, tracer?.parts),
      ...together('inspect', inspector, tracer?.parts),
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
    }),
  ).catch(async (error: unknown) => {
    transport.close(() => {});
    inspector?.close();
    traceFile?.close();
    await closed();
    throw error;
  });
  http.serve({
    node: metrics?.serve(node) ?? node,
    readValue: (key) => kv.get(key),
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
    await http.close();
    credentials?.close();
    inspector?.close();
    tracer?.stopped(error?.message ?? 'it was asked to');
    traceFile?.close();
    if (error instanceof SecondProcess || error instanceof LaterFormat)
      throw new StartRefused(error.message, exitCodes.inconsistency);
    return error === null ? exitCodes.success : exitCodes.failure;
  });
  const stop = (): void => void node.stop();
  const retire = async (): Promise<void> => {
    if (node.status().role === 'leader') await handOver(node, http, options.electionTimeoutMaxMs, log);
    stop();
  };
  return { exitCode, stop, retire: () => void retire(), reload: () => credentials?.reload() };
};

/** Lets everything else that has arrived be handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** With what it proves to its peers who it is; null: nobody has to. Throws `CredentialsRefused`. */
const credentialsOf = ({ id, clusterId, peerTls }: NodeOptions, log: Log): Credentials | null =>
  peerTls === null
    ? null
    : new Credentials({ files: peerTls, identity: { clusterId, node: id }, clock: systemClock, log });

/** How the node is inspected; null: not at all. Loaded only when it is asked for. Rejects with `PackageMissing`. */
const inspectorOf = async ({ id, inspectUrl }: NodeOptions): Promise<((log: Log) => Inspector) | null> => {
  if (inspectUrl === null) return null;
  const { attachInspector } = await optionalPackage(
    '@statelyai/inspect',
    '--inspect',
    () => import('../../statechart/inspect/attach-inspector.ts'),
  );
  return (log) =>
    attachInspector({ url: inspectUrl, name: nodeName(id), tell: (message) => log.info({}, message) });
};

type MeasuredParts = Pick<
  NodeParts<SessionResult<KvResult>>,
  'storage' | 'stateMachine' | 'sent' | 'lost' | 'received'
>;

/** Loaded only when it is asked for: prom-client takes some 50 ms of processor time and 7 MB. */
const measuring = async (options: NodeOptions): Promise<NodeMetrics> => {
  const { id, clusterId } = options;
  const { NodeMetrics } = await import('../../store/metrics/node-metrics.ts');
  return new NodeMetrics({
    info: { id, clusterId, version, nodeVersion: process.versions.node },
    usage: () => usageOf(options),
  });
};

/** The callback `name` of a node that several parts want: calls that of each, in their order. */
const together = <Name extends string, Value>(
  name: Name,
  ...parts: readonly ({ readonly [Each in Name]?: (value: Value) => void } | null | undefined)[]
): { readonly [Each in Name]?: (value: Value) => void } => {
  const calls = parts.flatMap((part) => part?.[name] ?? []);
  if (calls.length === 0) return {};
  const callAll = (value: Value): void => {
    for (const call of calls) call(value);
  };
  return { [name]: callAll } as { readonly [Each in Name]: typeof callAll };
};

/** What `start` returns; rejects with what it throws. */
const started = async <Value>(start: () => Value): Promise<Value> => start();

const refuse = (error: unknown): never => {
  if (error instanceof StorageRefused) {
    const isPassing = error.reason === 'locked' || error.reason === 'unusable';
    throw new StartRefused(error.message, isPassing ? exitCodes.failure : exitCodes.inconsistency);
  }
  if (error instanceof JoinRefused) throw new StartRefused(error.message, exitCodes.inconsistency);
  if (error instanceof CredentialsRefused) throw new StartRefused(error.message, exitCodes.failure);
  if (error instanceof ListenFailed || error instanceof HttpListenFailed) {
    throw new StartRefused(error.message, exitCodes.failure);
  }
  throw error;
};
