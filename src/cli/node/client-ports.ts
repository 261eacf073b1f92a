import { clientEndpointIn } from '../../node/client-endpoint.ts';
import type { BackupSource } from '../../store/http/backup.ts';
import { type HttpOptions, openHttp } from '../../store/http/server.ts';
import type { NodeMetrics } from '../../store/metrics/node-metrics.ts';
import type { NodeTracing } from '../../store/tracing/node-tracing.ts';
import { version } from '../version.ts';
import { maxClientConnections } from './connections-limit.ts';
import { type EtcdOpening, type EtcdServing, etcdApiOf } from './etcd-api.ts';
import type { NodeOptions } from './node-options.ts';
import { openApi } from './open-api.ts';

/** What is there before the node. */
interface Opening
  extends Omit<EtcdOpening, 'maxConnections' | 'metrics' | 'tracing'>,
    Pick<HttpOptions, 'log'> {
  readonly metrics: NodeMetrics | null;
  readonly spans: NodeTracing | null;
}

interface Serving extends EtcdServing, Pick<BackupSource, 'openSnapshot'> {}

/** Where clients are answered: the client API, and etcd's where it is asked for. */
export interface ClientPorts {
  /** Serves this node from now on. Once. */
  serve(serving: Serving): void;
  /** As `HttpApi.close`, of both. */
  close(graceMs?: number): Promise<void>;
}

/** Listens, and answers that the node is starting. Rejects with `HttpListenFailed`, `EtcdListenFailed` or `PackageMissing`. */
export const openClientPorts = async (options: NodeOptions, opening: Opening): Promise<ClientPorts> => {
  const { id, listenClient, hostNames } = options;
  const { metrics, spans, ...rest } = opening;
  const shared = { ...rest, metrics, tracing: spans };
  const maxConnections = Math.ceil(maxClientConnections() / (options.listenEtcd === null ? 1 : 2));
  const limits = { maxConnections };
  const http = await openHttp({
    id,
    ...listenClient,
    ...shared,
    limits,
    hostNames,
    openApi,
  });
  const etcd = await etcdApiOf(options, { ...shared, maxConnections }).catch(async (error: unknown) => {
    await http.close(0);
    throw error;
  });
  return {
    serve: ({ node, openSnapshot, ...serving }) => {
      etcd?.serve({ node, ...serving });
      http.serve({
        node,
        readValue: (key) => serving.kv.get(key),
        kv: serving.kv,
        watches: serving.watches,
        leaseReads: options.leaseReads,
        backups: { clusterId: options.clusterId, program: version, openSnapshot },
        clientEndpointOf: (leader) =>
          leader === id ? options.advertiseClient : clientEndpointIn(node.status(), leader),
      });
    },
    close: async (graceMs) => {
      await Promise.all([http.close(graceMs), etcd?.close(graceMs)]);
    },
  };
};
