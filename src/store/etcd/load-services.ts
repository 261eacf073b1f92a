import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The services in proto/, by the names that gRPC knows them by. */
export const serviceNames = [
  'etcdserverpb.KV',
  'etcdserverpb.Watch',
  'etcdserverpb.Lease',
  'etcdserverpb.Cluster',
  'etcdserverpb.Maintenance',
  'etcdserverpb.Auth',
  'grpc.health.v1.Health',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** `folder`: with the .proto files, and a slash at its end. */
export const loadServices = (folder: URL): Readonly<Record<ServiceName, ServiceDefinition>> => {
  const loaded = loadSync(['rpc.proto', 'health.proto'], {
    includeDirs: [fileURLToPath(folder)],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return loaded as unknown as Readonly<Record<ServiceName, ServiceDefinition>>;
};
