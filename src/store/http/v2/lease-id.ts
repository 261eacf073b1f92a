import { createHash, randomBytes } from 'node:crypto';
import type { CommandKey } from '../../sessions/envelope.ts';

const maxLeaseId = 2n ** 63n - 1n;

/** The id in a decimal text; null: it is none. */
export const leaseIdIn = (text: string): bigint | null => {
  if (!/^[1-9]\d{0,18}$/.test(text)) return null;
  const id = BigInt(text);
  return id <= maxLeaseId ? id : null;
};

/** An id that nobody else has, but for chance. A request that is repeated under its key gets the same one: it must be the same command. */
export const newLeaseId = (key: CommandKey | null): bigint => {
  const bytes = key === null ? randomBytes(8) : createHash('sha256').update(nameOf(key)).digest();
  const id = bytes.readBigUInt64BE() & maxLeaseId;
  return id === 0n ? 1n : id;
};

const nameOf = (key: CommandKey): string =>
  key.type === 'session' ? `session ${key.sequence} ${key.session}` : `key ${key.name}`;
