import { randomBytes } from 'node:crypto';
import { leaseIdFrom } from '../kv/lease-id.ts';
import type { Done } from '../kv/requests.ts';
import { maxTtlSeconds } from '../kv/requests.ts';
import { etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { keyBytes } from './translate-key.ts';
import { leaseIdOrZero, numberIn } from './translate-number.ts';
import type { Header, Int64, LeaseGrantRequest, LeaseRequest, LeaseTimeToLiveRequest } from './wire-types.ts';

type Granted = Done & { readonly type: 'granted' };

/** The service Lease, without its stream. */
export const leaseService = (store: EtcdStore) => ({
  async LeaseGrant({ TTL, ID }: LeaseGrantRequest): Promise<OfLease & { readonly TTL: Int64 }> {
    const ttlSeconds = numberIn(TTL);
    if (ttlSeconds > maxTtlSeconds) throw etcdErrors.leaseTtlTooLarge();
    const id = leaseIdOrZero(ID);
    if (id === null) throw etcdErrors.leaseNotFound();
    const { done, revision } = await store.submit<Granted>({
      type: 'grant',
      id: id === 0n ? leaseIdFrom(randomBytes(8)) : id,
      ttlSeconds: Math.max(0, ttlSeconds),
    });
    return { header: store.header(revision), ID: String(done.id), TTL: done.ttlSeconds };
  },

  async LeaseRevoke({ ID }: LeaseRequest): Promise<{ readonly header: Header }> {
    const { revision } = await store.submit({ type: 'revoke', id: knownId(ID) });
    return { header: store.header(revision) };
  },

  /** A lease that does not exist has the TTL −1. */
  async LeaseTimeToLive({ ID, keys }: LeaseTimeToLiveRequest): Promise<TimeToLive> {
    await store.readable();
    const { leases, time } = store.kv;
    const id = leaseIdOrZero(ID);
    const lease = id === null ? null : leases.get(id);
    const header = store.header();
    if (lease === null) return { header, ID, TTL: -1 };
    return {
      header,
      ID,
      TTL: Math.max(0, Math.floor((lease.endsMs - time.nowMs) / 1000)),
      grantedTTL: lease.ttlSeconds,
      ...(keys ? { keys: leases.keysOf(lease.id).map(keyBytes) } : {}),
    };
  },

  async LeaseLeases(): Promise<{
    readonly header: Header;
    readonly leases: readonly { readonly ID: Int64 }[];
  }> {
    await store.readable();
    const leases = [...store.kv.leases.all].map(({ id }) => ({ ID: String(id) }));
    return { header: store.header(), leases };
  },
});

/** Of one lease. */
interface OfLease {
  readonly header: Header;
  readonly ID: Int64;
}

interface TimeToLive extends OfLease {
  readonly TTL: Int64;
  readonly grantedTTL?: Int64;
  readonly keys?: readonly Uint8Array[];
}

const knownId = (text: string): bigint => {
  const id = leaseIdOrZero(text);
  if (id === null || id === 0n) throw etcdErrors.leaseNotFound();
  return id;
};
