import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Credentials } from '../../adapters/tls/credentials.ts';
import type { Address } from '../../ports/address.ts';
import type { Log } from '../../ports/log.ts';
import { assert } from '../../raft/assert.ts';
import type { TokenFile } from '../http/access/token-file.ts';
import type { Watches } from '../kv/watches.ts';
import { admission } from './admission.ts';
import { AnswerRoom } from './answer-room.ts';
import { authService } from './auth-service.ts';
import { CallMeter } from './call-meter.ts';
import type { EtcdMetrics } from './call-metrics.ts';
import type { EtcdTracing } from './call-span.ts';
import { type Answering, Calls } from './calls.ts';
import { type ClusterParts, clusterService } from './cluster-service.ts';
import { EtcdConnections } from './connections.ts';
import { EtcdAccess } from './etcd-access.ts';
import { EtcdError } from './etcd-error.ts';
import { EtcdStore, type EtcdStoreParts } from './etcd-store.ts';
import { checkHealth, watchHealth } from './health-service.ts';
import { kvService } from './kv-service.ts';
import { leaseService } from './lease-service.ts';
import { defaultEtcdLimits, type EtcdLimits } from './limits.ts';
import { loadServices, type ServiceName, serviceNames } from './load-services.ts';
import { maintenanceService } from './maintenance-service.ts';
import { MendedSocket } from './mended-socket.ts';
import { RequestRoom } from './request-room.ts';
import { snapshotStream } from './snapshot/snapshot-stream.ts';
import { keepAliveStream, watchStream } from './streams.ts';
import { WatchRoom } from './watch-room.ts';

export { EtcdListenFailed } from './connections.ts';
export { MemberUrls } from './member-urls.ts';

export interface EtcdOptions {
  readonly listen: Address;
  readonly log: Log;
  /** The folder with the .proto files, and a slash at its end. */
  readonly protos: URL;
  /** What the node is doing before it is served, such as `reading the log, 40 %`. */
  readonly startingWords: () => string;
  readonly limits?: Partial<EtcdLimits>;
  /** As of the client API, which closes neither. */
  readonly tls?: Credentials | null;
  readonly tokens?: TokenFile | null;
  /** Null, the default: nothing is measured. */
  readonly metrics?: EtcdMetrics | null;
  /** Null, the default: calls are not traced. */
  readonly tracing?: EtcdTracing | null;
}

/** A node, and what is known around it. */
export interface EtcdServed extends EtcdStoreParts, ClusterParts {
  readonly watches: Watches;
}

export interface EtcdApi {
  /** The port it listens on. */
  readonly port: number;
  /** Serves this node from now on. Once. */
  serve(served: EtcdServed): void;
  /** Stops listening, ends streams, lets requests be answered for at most `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Listens for clients of etcd's v3 API, and answers as docs/etcd.md describes it. Rejects with `EtcdListenFailed`. */
export const openEtcd = async (options: EtcdOptions): Promise<EtcdApi> => {
  const { log, startingWords, metrics = null, tracing = null } = options;
  const limits = { ...defaultEtcdLimits, ...options.limits };
  const access = new EtcdAccess(options.tokens ?? null, systemClock, log);
  const room = new RequestRoom(limits.maxRequestBytes);
  const answers = new AnswerRoom(limits);
  let serving: Serving | null = null;
  const served = (): Serving => {
    if (serving === null) throw new EtcdError('unavailable', `raftchart: not ready: ${startingWords()}`);
    return serving;
  };
  const store = (): EtcdStore | null => serving?.store ?? null;
  const calls = new Calls({ access, room, answers, store, tracing, log });
  const meter = metrics === null ? null : new CallMeter(metrics);
  const grpc = new Server({
    'grpc.max_receive_message_length': limits.maxMessageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': limits.maxStreams,
    'grpc-node.max_session_memory': limits.maxSessionMegabytes,
    'grpc.keepalive_time_ms': limits.keepAliveMs,
    'grpc.keepalive_timeout_ms': limits.keepAliveTimeoutMs,
    'grpc.enable_channelz': 0,
    interceptors: [
      ...(meter === null ? [] : [meter.interceptor]),
      admission({ access, limits, clock: systemClock }),
    ],
  });
  const streams: Readonly<Record<string, (call: never) => Promise<void>>> = {
    '/etcdserverpb.Watch/Watch': (call: ServerDuplexStream<never, never>) =>
      watchStream(call, served().store, served().watches),
    '/etcdserverpb.Lease/LeaseKeepAlive': (call: ServerDuplexStream<never, never>) =>
      keepAliveStream(call, served().store),
    '/etcdserverpb.Maintenance/Snapshot': (call: ServerWritableStream<never, never>) =>
      snapshotStream(call, served().store),
    '/grpc.health.v1.Health/Watch': (call: ServerWritableStream<never, never>) =>
      watchHealth(call, store, systemClock),
  };
  for (const [name, service] of Object.entries(loadServices(options.protos))) {
    if (!serviceNames.includes(name as ServiceName)) continue;
    const handlers = Object.entries(service).map(([method, definition]) => {
      const stream = streams[definition.path];
      if (stream !== undefined) return [method, calls.stream(definition, stream as never)];
      const answer: Answering =
        name === 'grpc.health.v1.Health'
          ? (request) => checkHealth(request, store())
          : (request) => served().services[name as ServiceName]![method]!(request);
      return [method, calls.unary(definition, answer)];
    });
    grpc.addService(room.measuring(service), Object.fromEntries(handlers) as UntypedServiceImplementation);
  }
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const connections = new EtcdConnections({
    ...options.listen,
    limits,
    tls: options.tls ?? null,
    log,
    accept: (socket) => injector.injectConnection(new MendedSocket(socket)),
  });
  const port = await connections.listen();
  if (meter !== null)
    metrics?.observeEtcd(() => ({
      connections: connections.size,
      waiting: meter.waiting,
      streams: meter.streams,
      watches: serving?.watches.taken ?? 0,
    }));
  let closed: Promise<void> | null = null;
  const close = async (graceMs: number): Promise<void> => {
    connections.stop();
    calls.endStreams();
    grpc.tryShutdown(() => {});
    await connections.emptied(graceMs);
    grpc.forceShutdown();
    connections.cut();
  };
  return {
    port,
    serve: (parts) => {
      assert(serving === null, 'one node is served', serving === null, true);
      serving = servingOf(parts, access, answers, limits);
    },
    close: (graceMs = 1000) => {
      closed ??= close(graceMs);
      return closed;
    },
  };
};

interface Serving {
  readonly store: EtcdStore;
  readonly watches: WatchRoom;
  readonly services: Readonly<Partial<Record<ServiceName, Readonly<Record<string, Answering>>>>>;
}

const servingOf = (
  parts: EtcdServed,
  access: EtcdAccess,
  answers: AnswerRoom,
  limits: EtcdLimits,
): Serving => {
  const store = new EtcdStore(parts);
  return {
    store,
    watches: new WatchRoom(parts.watches, limits, parts.clock),
    services: {
      'etcdserverpb.KV': kvService(store, answers),
      'etcdserverpb.Lease': leaseService(store),
      'etcdserverpb.Cluster': clusterService(store, parts),
      'etcdserverpb.Maintenance': maintenanceService(store),
      'etcdserverpb.Auth': authService(store, access),
    },
  };
};
