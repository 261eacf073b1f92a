import { createHash, randomBytes } from 'node:crypto';
import { leaseIdFrom } from '../../kv/lease-id.ts';
import type { CommandKey } from '../../sessions/envelope.ts';

/** An id that nobody else has, but for chance. A request that is repeated under its key gets the same one: it must be the same command. */
export const newLeaseId = (key: CommandKey | null): bigint =>
  leaseIdFrom(key === null ? randomBytes(8) : createHash('sha256').update(nameOf(key)).digest());

const nameOf = (key: CommandKey): string =>
  key.type === 'session' ? `session ${key.sequence} ${key.session}` : `key ${key.name}`;
