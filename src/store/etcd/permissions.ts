import type { Permission } from '../http/access/tokens.ts';

/** The permission that each method needs; null: no token is needed. One that is not here is not offered. */
export const permissionFor: Readonly<Record<string, Permission | null>> = {
  '/etcdserverpb.KV/Range': 'read',
  '/etcdserverpb.KV/Put': 'write',
  '/etcdserverpb.KV/DeleteRange': 'write',
  '/etcdserverpb.KV/Txn': 'write',
  '/etcdserverpb.KV/Compact': 'write',
  '/etcdserverpb.Watch/Watch': 'read',
  '/etcdserverpb.Lease/LeaseGrant': 'write',
  '/etcdserverpb.Lease/LeaseRevoke': 'write',
  '/etcdserverpb.Lease/LeaseKeepAlive': 'write',
  '/etcdserverpb.Lease/LeaseTimeToLive': 'read',
  '/etcdserverpb.Lease/LeaseLeases': 'read',
  '/etcdserverpb.Cluster/MemberList': 'read',
  '/etcdserverpb.Maintenance/Alarm': 'read',
  '/etcdserverpb.Maintenance/Status': 'read',
  '/etcdserverpb.Maintenance/Defragment': 'read',
  '/etcdserverpb.Maintenance/Hash': 'read',
  '/etcdserverpb.Maintenance/HashKV': 'read',
  // All values.
  '/etcdserverpb.Maintenance/Snapshot': 'admin',
  '/etcdserverpb.Maintenance/MoveLeader': 'admin',
  '/etcdserverpb.Auth/AuthStatus': null,
  '/etcdserverpb.Auth/Authenticate': null,
  '/grpc.health.v1.Health/Check': null,
  '/grpc.health.v1.Health/Watch': null,
};
