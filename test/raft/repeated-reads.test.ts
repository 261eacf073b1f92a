import { expect, test } from 'vitest';
import { initialContext } from '../../src/raft/context.ts';
import { holdRead } from '../../src/raft/reads.ts';

test('a request for a read that arrives again waits once; another of the same node waits beside it (thesis §6.4)', () => {
  const request = { type: 'ReadIndex', from: 2, to: 1, term: 1, readId: 7 } as const;
  const context = initialContext({ id: 1, voters: [1, 2, 3] });
  const once = { ...context, ...holdRead(context, request).patch };
  const twice = { ...once, ...holdRead(once, request).patch };
  expect(twice.reads).toEqual([{ from: 2, id: 7, round: 0, index: 0 }]);
  expect(holdRead(twice, { ...request, readId: 8 }).patch.reads).toHaveLength(2);
});
