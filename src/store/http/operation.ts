import type { Permission } from './access/tokens.ts';
import type { Route } from './route.ts';

/** The permission that each operation needs; null: no token is needed. */
export const permissionFor = {
  get: 'read',
  leader: 'read',
  members: 'read',
  status: 'read',
  charts: 'read',
  metrics: 'read',
  put: 'write',
  delete: 'write',
  cas: 'write',
  transfer: 'admin',
  change_members: 'admin',
  // A backup has all values, and the answers that sessions remember.
  backup: 'admin',
  livez: null,
  readyz: null,
  // Nothing is done for it.
  other: 'read',
} as const satisfies Readonly<Record<string, Permission | null>>;

/** What a request asks for, in one of a few words: each is a series of the metrics, so nothing that a client makes up is among them. */
export type Operation = keyof typeof permissionFor;

export const operationOf = ({ type }: Route, method: string | undefined): Operation => {
  const isRead = method === 'GET' || method === 'HEAD';
  switch (type) {
    case 'key':
      if (isRead) return 'get';
      return method === 'PUT' ? 'put' : method === 'DELETE' ? 'delete' : 'other';
    case 'leader':
      return isRead ? 'leader' : method === 'POST' ? 'transfer' : 'other';
    case 'members':
      return isRead ? 'members' : method === 'POST' ? 'change_members' : 'other';
    case 'unknown':
    case 'bad':
    case 'keyTooLong':
      return 'other';
    default:
      return type;
  }
};
