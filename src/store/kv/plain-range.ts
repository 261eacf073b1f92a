import type { KeyRange } from './key-range.ts';
import type { RangeOperation } from './operations.ts';

/** A read of all pairs in `range`, as of now, in the order of their keys. */
export const plainRange = (range: KeyRange): RangeOperation => ({
  type: 'range',
  range,
  limit: 0,
  revision: 0,
  order: 'ascend',
  sortedBy: 'key',
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
});
