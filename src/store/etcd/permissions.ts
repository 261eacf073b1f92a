import { assert } from '../../raft/assert.ts';
import type { Permission } from '../http/access/tokens.ts';

/** The permission that each method needs; null: no token is needed. One that is not here is not offered. */
const permissionFor: Readonly<Record<string, Permission | null>> = {
  '/etcdserverpb.KV/Range': 'read',
  '/etcdserverpb.KV/Put': 'write',
  '/etcdserverpb.KV/DeleteRange': 'write',
  '/etcdserverpb.KV/Txn': 'write',
  // The past is gone for all, as with POST /v2/compact.
  '/etcdserverpb.KV/Compact': 'admin',
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

/** The permission that the method at `path` needs; null: none. Whoever offers a method asks for it first: there is no default. */
export const neededFor = (path: string): Permission | null => {
  const needed = permissionFor[path];
  assert(needed !== undefined, 'each method that is offered has its permission', path, null);
  return needed;
};
