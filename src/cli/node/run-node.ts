import { createServer } from 'node:net';
import { nanoid } from 'nanoid';
import { hasJsonState, openJson } from '../../adapters/storage/json/open-json.ts';
import { diskUsage } from '../../adapters/storage/wal/disk-usage.ts';
import { isSetUp, openWal, type WalOptions } from '../../adapters/storage/wal/open-wal.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { openLoopDelayMeter } from '../../adapters/system/loop-delay.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { Credentials, CredentialsRefused } from '../../adapters/tls/credentials.ts';
import { dialHttp, openHttpTransport } from '../../adapters/transport/http/http-transport.ts';
import { dialTcp } from '../../adapters/transport/tcp/dial.ts';
import { ListenFailed, listenOn } from '../../adapters/transport/tcp/listen.ts';
import { PeerTls } from '../../adapters/transport/tcp/peer-tls.ts';
import { openTcpTransport } from '../../adapters/transport/tcp/tcp-transport.ts';
import { JoinRefused, joinCluster } from '../../node/join-cluster.ts';
import { namedMembersFault, removedWords } from '../../node/members.ts';
import type { RaftNode } from '../../node/node.ts';
import { restoredConfiguration } from '../../node/restored-log.ts';
import { SecondProcess } from '../../node/second-process.ts';
import { type NodeParts, startNode } from '../../node/start-node.ts';
import { type Address, addressText } from '../../ports/address.ts';
import type { Member } from '../../ports/disk.ts';
import { type Log, withFields } from '../../ports/log.ts';
import { type Storage, StorageRefused } from '../../ports/storage.ts';
import type { ConnectionHandlers } from '../../ports/transport.ts';
import { membersOf } from '../../raft/configuration.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { optionalPackage } from '../../statechart/missing-package.ts';
import { type HttpApi, HttpListenFailed, openHttp } from '../../store/http/server.ts';
import { type KvResult, KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import { type SessionResult, SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseEndpoint } from '../flag-values.ts';
import { version } from '../version.ts';
import { maxClientConnections, maxPeerConnections } from './connections-limit.ts';
import { defaultPeerAddress, type NodeOptions } from './node-options.ts';
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
  const credentials = await started(() => credentialsOf(options, log)).catch(refuse);
  const limits = { maxConnections: maxClientConnections() };
  const http = await openHttp({
    id,
    ...listenClient,
    log,
    limits,
    startingWords: () => words,
    metrics,
  }).catch(refuse);
  try {
    return await startBehind(http, {
      options,
      rootLog,
      log,
      metrics,
      credentials,
      attachInspector,
      signal,
      tell,
    });
  } catch (error) {
    credentials?.close();
    await http.close(0);
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
  const tls = credentials === null ? null : new PeerTls({ credentials, clusterId, log });
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
    if (error instanceof SecondProcess) throw new StartRefused(error.message, exitCodes.inconsistency);
    return error === null ? exitCodes.success : exitCodes.failure;
  });
  const stop = (): void => void node.stop();
  const retire = async (): Promise<void> => {
    if (node.status().role === 'leader') await handOver(node, http, options.electionTimeoutMaxMs, log);
    stop();
  };
  return { exitCode, stop, retire: () => void retire(), reload: () => credentials?.reload() };
};

const transports = {
  tcp: { open: openTcpTransport, dial: dialTcp },
  // It has no TLS of its own: node-options refuses the two together.
  http: {
    open: openHttpTransport,
    dial: (address: Address, handlers: ConnectionHandlers) => dialHttp(address, handlers),
  },
} as const;

/** What can be done about a log of each kind: whether node `id` has one in `directory`, and to open it. */
const storages = {
  wal: { has: (directory: string) => isSetUp(directory), open: openWal, is: 'a write-ahead log' },
  json: { has: hasJsonState, open: openJson, is: 'a state as JSON' },
} as const;

const openStorage = async (
  options: NodeOptions,
  more: Omit<WalOptions, 'directory' | 'nodeId' | 'clusterId'>,
): Promise<Storage> => {
  const { id, clusterId, storage, dataDir } = options;
  const other = storage === 'json' ? 'wal' : 'json';
  // It would start without any memory of what it has promised.
  if (!(await isStored(options)) && (await storages[other].has(dataDir, id))) {
    const { is } = storages[other];
    const message = `node${id} has ${is} in ${dataDir}: start it with --storage ${other}, or name another --data-dir`;
    throw new StartRefused(message, exitCodes.inconsistency);
  }
  return storages[storage].open({ directory: dataDir, nodeId: id, clusterId, ...more });
};

/** Whether the node has been started here before. */
const isStored = ({ id, storage, dataDir }: NodeOptions): Promise<boolean> =>
  storages[storage].has(dataDir, id);

/** Makes another node lead, and lets the requests that were accepted before be answered. Takes two election timeouts at most. */
const handOver = async (
  node: RaftNode<unknown>,
  http: HttpApi,
  electionTimeoutMs: number,
  log: Log,
): Promise<void> => {
  // The node itself gives a target that does not take over one election timeout.
  const outcome = await within(electionTimeoutMs + answerMarginMs, node.transferLeadership(null));
  if (outcome?.type !== 'moved') {
    log.info({ outcome: outcome ?? 'timedOut' }, 'nobody took over the leadership');
    return;
  }
  log.info({ leader: nodeName(outcome.leader) }, 'handed over the leadership');
  await within(electionTimeoutMs, http.close());
};

const answerMarginMs = 50;

/** What `promise` resolves with, or null if that takes longer. */
const within = async <Value>(ms: number, promise: Promise<Value>): Promise<Value | null> => {
  const { promise: over, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  const first = await Promise.race([promise, over]);
  clearTimeout(timer);
  return first;
};

/** Lets everything else that has arrived be handled. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Rejects with `ListenFailed` before there is a new data directory, which would be left behind. */
const refuseTakenPort = async (address: Address): Promise<void> => {
  const { servers } = await listenOn(address, createServer);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
};

/** With whom the cluster began that this node is told to join; null: it has a data directory, or is not told to. */
const foundersToJoin = async (
  options: NodeOptions,
  { log, signal, tell, tls }: Pick<Start, 'log' | 'signal' | 'tell'> & { readonly tls: PeerTls | null },
): Promise<readonly Member[] | null> => {
  const { id, clusterId, join, transport } = options;
  if (join === null || (await isStored(options))) return null;
  tell(`asking ${join.map(addressText).join(', ')} with whom the cluster began`);
  const targets = join.map((address) => ({
    name: addressText(address),
    dial: (handlers: ConnectionHandlers) => transports[transport].dial(address, handlers, tls),
  }));
  return joinCluster({ id, clusterId, targets, clock: systemClock, log, signal });
};

/** The members that this start would give a new data directory. */
const foundersNamed = ({ id, listenPeer, advertisePeer, peers }: NodeOptions): readonly Member[] => [
  { id, peer: advertisePeer ?? addressText(listenPeer) },
  ...Object.entries(peers ?? {}).map(([peer, address]) => ({ id: Number(peer), peer: addressText(address) })),
];

/** Where peers are as far as it is known without the log: those that were named, if they may be, and those of the data directory. Otherwise why not, in one line. */
const peersOf = (
  { id, peers }: NodeOptions,
  storage: Storage,
): Readonly<Record<NodeId, Address>> | string => {
  const { firstMembers } = storage.disk;
  // A directory that a program of somebody's own has set up may name nobody.
  if (firstMembers === null) return peers ?? {};
  const first = firstMembers.map((member) => member.id);
  const latest = restoredConfiguration(storage);
  const current = latest === null ? first : membersOf(latest);
  const fault =
    peers === null ? null : namedMembersFault([id, ...Object.keys(peers).map(Number)], first, current);
  if (fault !== null) return fault;
  const known = Object.fromEntries(
    firstMembers
      .filter((member) => member.id !== id)
      .map(({ id: peer, peer: address }) => [
        peer,
        address === null ? defaultPeerAddress(peer) : parseEndpoint(address),
      ]),
  );
  return { ...known, ...peers };
};

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
const measuring = async ({ id, clusterId, dataDir }: NodeOptions): Promise<NodeMetrics> => {
  const { NodeMetrics } = await import('../../store/metrics/node-metrics.ts');
  return new NodeMetrics({
    info: { id, clusterId, version, nodeVersion: process.versions.node },
    usage: () => diskUsage(dataDir),
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
