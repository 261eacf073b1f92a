import { nanoid } from 'nanoid';
import { openWal } from '../../adapters/storage/wal/open-wal.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { ListenFailed } from '../../adapters/transport/tcp/listen.ts';
import { openTcpTransport } from '../../adapters/transport/tcp/tcp-transport.ts';
import { startNode } from '../../node/start-node.ts';
import { type Log, withFields } from '../../ports/log.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { nodeName } from '../../raft/types.ts';
import type { Inspector } from '../../statechart/inspect/attach-inspector.ts';
import { optionalPackage } from '../../statechart/missing-package.ts';
import { HttpListenFailed, startHttp } from '../../store/http/server.ts';
import { KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import { SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { exitCodes } from '../exit-codes.ts';
import type { NodeOptions } from './node-options.ts';

/** A running `raft-node`: resolves with the exit code once it has stopped. */
export interface RunningNode {
  readonly exitCode: Promise<number>;
  /** Clean shutdown. */
  stop(): void;
}

/** Why a node could not start, in one line, and the exit code for it. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Puts one node together: the write-ahead log, TCP, the key-value store and its client API. Throws `StartRefused`. */
export const runNode = async (options: NodeOptions, rootLog: Log): Promise<RunningNode> => {
  const { id } = options;
  const attachInspector = await inspectorOf(options);
  const log = withFields(rootLog, { node: nodeName(id) });
  const storage = await openWal({
    directory: options.dataDir,
    nodeId: id,
    clusterId: options.clusterId,
    log,
  }).catch(refuse);
  const transport = await openTcpTransport({ listen: options.listenPeer, peers: options.peers, log }).catch(
    (error: unknown) => {
      storage.close(() => {});
      return refuse(error);
    },
  );
  const inspector = attachInspector?.(log) ?? null;
  const node = startNode({
    id,
    peers: Object.keys(options.peers).map(Number),
    storage,
    transport,
    stateMachine: new SessionStateMachine(new KvStateMachine(), kvResultCodec),
    clock: systemClock,
    random: systemRandom,
    log: rootLog,
    clusterId: options.clusterId,
    incarnation: nanoid(),
    clientEndpoint: options.advertiseClient,
    ...(inspector === null ? {} : { inspect: inspector.inspect }),
    settings: {
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      electionTimeoutMinMs: options.electionTimeoutMinMs,
      electionTimeoutMaxMs: options.electionTimeoutMaxMs,
    },
  });
  const http = await startHttp({
    node,
    host: options.listenClient.host,
    port: options.listenClient.port,
    log,
    clientEndpointOf: (leader) =>
      leader === id
        ? options.advertiseClient
        : (node.status().peers.find((peer) => peer.id === leader)?.endpoint ?? null),
  }).catch(async (error: unknown) => {
    await node.stop();
    inspector?.close();
    return refuse(error);
  });
  const exitCode = node.stopped.then(async (error) => {
    await http.close();
    inspector?.close();
    return error === null ? exitCodes.success : exitCodes.failure;
  });
  return { exitCode, stop: () => void node.stop() };
};

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

const refuse = (error: unknown): never => {
  if (error instanceof StorageRefused) {
    const isForeign = error.reason === 'damaged' || error.reason === 'wrongOwner';
    throw new StartRefused(error.message, isForeign ? exitCodes.inconsistency : exitCodes.failure);
  }
  if (error instanceof ListenFailed || error instanceof HttpListenFailed) {
    throw new StartRefused(error.message, exitCodes.failure);
  }
  throw error;
};
