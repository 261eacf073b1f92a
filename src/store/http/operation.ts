import type { Permission } from './access/tokens.ts';
import type { Route } from './route.ts';
import { type OperationV2, operationAt } from './v2/resources.ts';

/** The permission that each operation needs; null: no token is needed. */
export const permissionFor = {
  get: 'read',
  list: 'read',
  watch: 'read',
  leases: 'read',
  leader: 'read',
  members: 'read',
  status: 'read',
  charts: 'read',
  metrics: 'read',
  put: 'write',
  delete: 'write',
  cas: 'write',
  txn: 'write',
  lease: 'write',
  transfer: 'admin',
  change_members: 'admin',
  // A backup has all values, and the answers that sessions remember.
  backup: 'admin',
  // It takes the past away from all readers.
  compact: 'admin',
  livez: null,
  readyz: null,
  // The same from every node of this version, and nothing of this cluster: tools read it before they have a token.
  openapi: null,
  // Nothing is done for it.
  other: 'read',
} as const satisfies Readonly<Record<string, Permission | null>> & Readonly<Record<OperationV2, unknown>>;

/** What a request asks for, in one of a few words: each is a series of the metrics, so nothing that a client makes up is among them. */
export type Operation = keyof typeof permissionFor;

export const operationOf = (route: Route, method: string | undefined): Operation => {
  const { type } = route;
  const isRead = method === 'GET' || method === 'HEAD';
  switch (type) {
    case 'key':
      if (isRead) return 'get';
      return method === 'PUT' ? 'put' : method === 'DELETE' ? 'delete' : 'other';
    case 'leader':
      return isRead ? 'leader' : method === 'POST' ? 'transfer' : 'other';
    case 'members':
      return isRead ? 'members' : method === 'POST' ? 'change_members' : 'other';
    case 'v2':
      return operationAt(route.resource, method) ?? 'other';
    case 'unknown':
    case 'bad':
    case 'keyTooLong':
      return 'other';
    default:
      return type;
  }
};
