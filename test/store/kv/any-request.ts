import fc from 'fast-check';
import { rangeOfKey, rangeOfPrefix } from '../../../src/store/kv/key-range.ts';
import type { Compare, KvOperation } from '../../../src/store/kv/operations.ts';
import type { KvRequest } from '../../../src/store/kv/requests.ts';

/** Few of each, so that requests meet. */
const key = fc.constantFrom('a', 'ab', 'b', 'c');
const lease = fc.constantFrom(0n, 1n, 2n, 2n ** 62n);
const value = fc.uint8Array({ maxLength: 5 });
const number = fc.nat({ max: 6 });
const range = fc.oneof(
  key.map(rangeOfKey),
  key.map(rangeOfPrefix),
  fc.record({ from: key, to: fc.option(key) }),
);

const target: fc.Arbitrary<Compare['target']> = fc.oneof(
  fc.record({ type: fc.constantFrom('version', 'create', 'mod'), number }),
  fc.record({ type: fc.constant('lease' as const), lease }),
  fc.record({ type: fc.constant('value' as const), value }),
);
const compare: fc.Arbitrary<Compare> = fc.record({
  range,
  result: fc.constantFrom('equal', 'notEqual', 'greater', 'less'),
  target,
});

const simpleOperation: fc.Arbitrary<KvOperation> = fc.oneof(
  fc.record({
    type: fc.constant('range' as const),
    range,
    limit: fc.nat({ max: 2 }),
    revision: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, number),
    order: fc.constantFrom('ascend', 'descend'),
    sortedBy: fc.constantFrom('key', 'version', 'create', 'mod', 'value'),
    keysOnly: fc.boolean(),
    countOnly: fc.boolean(),
    minModRevision: fc.constant(0),
    maxModRevision: number,
    minCreateRevision: fc.constant(0),
    maxCreateRevision: fc.constant(0),
  }),
  fc.record({
    type: fc.constant('put' as const),
    key,
    value,
    lease,
    returnsPrevious: fc.boolean(),
    keepsValue: fc.boolean(),
    keepsLease: fc.boolean(),
  }),
  fc.record({ type: fc.constant('deleteRange' as const), range, returnsPrevious: fc.boolean() }),
);

const { operation } = fc.letrec<{ operation: KvOperation; txn: KvOperation }>((tie) => ({
  operation: fc.oneof({ maxDepth: 2, withCrossShrink: true }, simpleOperation, tie('txn')),
  txn: fc.record({
    type: fc.constant('txn' as const),
    compare: fc.array(compare, { maxLength: 2 }),
    success: fc.array(tie('operation'), { maxLength: 3 }),
    failure: fc.array(tie('operation'), { maxLength: 2 }),
  }),
}));

/** What clients may ask of the store with revisions: few keys and leases, so that requests meet. */
export const anyRequest: fc.Arbitrary<KvRequest> = fc.oneof(
  { weight: 6, arbitrary: operation },
  { weight: 1, arbitrary: fc.constant({ type: 'passTime' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('grant' as const), id: lease, ttlSeconds: number }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('renew', 'revoke'), id: lease }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('compact' as const), revision: number }) },
);
