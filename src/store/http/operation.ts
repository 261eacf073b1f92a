import type { Route } from './route.ts';

/** What a request asks for, in one of a few words: each is a series of the metrics, so nothing that a client makes up is among them. */
export const operationOf = ({ type }: Route, method: string | undefined): string => {
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
