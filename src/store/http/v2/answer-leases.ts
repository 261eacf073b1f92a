import * as v from 'valibot';
import type { KvStateMachine } from '../../kv/kv-state-machine.ts';
import { leaseIdIn } from '../../kv/lease-id.ts';
import type { Lease } from '../../kv/leases.ts';
import { maxTtlSeconds } from '../../kv/requests.ts';
import type { Answered } from '../answer.ts';
import { fieldsAnswer, largeAnswer, leaseNotFound } from './answers.ts';
import type { Asked } from './asked.ts';
import { bodyIn } from './body.ts';
import { keyFields } from './key-fields.ts';
import { newLeaseId } from './new-lease-id.ts';
import { Query } from './query.ts';
import { badRequest, refusable } from './request-refused.ts';
import { resultOf } from './result-of.ts';
import { leaseIdSchema } from './txn-request.ts';

/** Leases in one list, and keys of one lease. */
const maxListed = 1000;

/** `ttl` in seconds. */
export const grantSchema = v.strictObject({
  ttl: v.pipe(
    v.number(),
    v.safeInteger('must be an integer'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(maxTtlSeconds, `must be at most ${maxTtlSeconds}`),
  ),
  id: v.optional(leaseIdSchema),
});

export const compactSchema = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger('must be an integer'), v.minValue(1, 'must be at least 1')),
});

/** `/v2/leases`. Throws `RequestRefused`. */
export const answerLeases = (query: string | null, asked: Asked): Answered => {
  if (asked.method !== 'POST') return listLeases(query, asked);
  new Query(query, []);
  return asked.write((keyed) =>
    asked.receive((body) =>
      refusable(() => {
        const { ttl: ttlSeconds, id } = bodyIn(body, grantSchema);
        return asked.submit(
          { type: 'grant', id: id === undefined ? newLeaseId(keyed?.key ?? null) : BigInt(id), ttlSeconds },
          keyed,
          resultOf(asked.kv.store, 'granted', (granted, told) =>
            fieldsAnswer(200, { id: String(granted.id), ttl: granted.ttlSeconds }, told),
          ),
        );
      }),
    ),
  );
};

/** `/v2/leases/{id}`. Throws `RequestRefused`. */
export const answerLease = (id: bigint, query: string | null, asked: Asked): Answered => {
  if (asked.method !== 'DELETE') return readLease(id, query, asked);
  new Query(query, []);
  return asked.write((keyed) =>
    asked.submit(
      { type: 'revoke', id },
      keyed,
      resultOf(asked.kv.store, 'revoked', (revoked, told) =>
        fieldsAnswer(200, { id: String(revoked.id) }, told),
      ),
    ),
  );
};

/** `/v2/leases/{id}/keepalive`. What a body says is not looked at. */
export const answerKeepAlive = (id: bigint, asked: Asked): Answered =>
  asked.write((keyed) =>
    asked.receive(() =>
      asked.submit(
        { type: 'renew', id },
        keyed,
        resultOf(asked.kv.store, 'renewed', (renewed, told) =>
          fieldsAnswer(200, { id: String(renewed.id), ttl: renewed.ttlSeconds }, told),
        ),
      ),
    ),
  );

/** `/v2/compact`. */
export const answerCompact = (asked: Asked): Answered =>
  asked.write((keyed) =>
    asked.receive((body) =>
      refusable(() =>
        asked.submit(
          { type: 'compact', ...bodyIn(body, compactSchema) },
          keyed,
          resultOf(asked.kv.store, 'compacted', (_, told) => fieldsAnswer(200, {}, told)),
        ),
      ),
    ),
  );

const listLeases = (query: string | null, asked: Asked): Answered => {
  const parameters = new Query(query, ['after', 'consistency']);
  const given = parameters.bytes('after');
  const after = given === null ? 0n : leaseIdIn(given);
  if (after === null) throw badRequest('after is the id of a lease: a decimal number from 1 to 2^63 - 1');
  return asked.whenBegun(parameters.consistency, () =>
    asked.whenRead(() => {
      const { leases, store } = asked.kv;
      const listed: object[] = [];
      let more = false;
      for (const lease of leases.all) {
        if (lease.id <= after) continue;
        more = listed.length === maxListed;
        if (more) break;
        listed.push(leaseFields(lease, asked.kv));
      }
      const told = { revision: store.revision, ...asked.position };
      return largeAnswer({ count: leases.size, more, leases: listed }, told);
    }),
  );
};

const readLease = (id: bigint, query: string | null, asked: Asked): Answered => {
  const { consistency } = new Query(query, ['consistency']);
  return asked.whenBegun(consistency, () =>
    asked.whenRead(() => {
      const { leases, store } = asked.kv;
      const told = { revision: store.revision, ...asked.position };
      const lease = leases.get(id);
      if (lease === null) return leaseNotFound(told);
      const keys = leases.keysOf(id);
      return largeAnswer(
        {
          ...leaseFields(lease, asked.kv),
          key_count: keys.length,
          more: keys.length > maxListed,
          keys: keys.slice(0, maxListed).map(keyFields),
        },
        told,
      );
    }),
  );
};

/** `remaining` is by the log's time, which stands still while nothing is written: a lease lasts longer rather than shorter. */
const leaseFields = ({ id, ttlSeconds, endsMs }: Lease, { time }: KvStateMachine) => ({
  id: String(id),
  ttl: ttlSeconds,
  remaining: Math.max(0, Math.ceil((endsMs - time.nowMs) / 1000)),
});
