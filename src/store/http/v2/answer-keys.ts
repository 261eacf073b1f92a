import type { Answered } from '../answer.ts';
import { compactedAnswer, fieldsAnswer, futureRevision, oldestOf, pageAnswer } from './answers.ts';
import type { Asked } from './asked.ts';
import { cursorOf, listParameters, listRequestIn, rangeIn, rangeParameters } from './list-request.ts';
import { pageOf } from './page.ts';
import { Query } from './query.ts';
import { badRequest, refusable } from './request-refused.ts';
import { resultOf } from './result-of.ts';

/** `/v2/kv`. Throws `RequestRefused`. */
export const answerKeys = (query: string | null, asked: Asked): Answered =>
  asked.method === 'DELETE' ? deleteKeys(query, asked) : listKeys(query, asked);

const listKeys = (query: string | null, asked: Asked): Answered => {
  const request = listRequestIn(new Query(query, listParameters), asked.maxKeyBytes);
  const { operation, after } = request;
  return asked.whenBegun(request.consistency, () =>
    asked.whenRead(() =>
      refusable(() => {
        const { store } = asked.kv;
        const revision = request.revision === 0 ? store.revision : request.revision;
        const found = store.at(revision);
        const told = { revision: store.revision, ...asked.position };
        if (found.type === 'compacted') return compactedAnswer(oldestOf(store), told);
        if (found.type === 'future') return futureRevision(told);
        const page = pageOf(found.map, operation, after);
        const cursor = page.next === null ? null : cursorOf(revision, operation, page.next);
        return pageAnswer(page, cursor, !operation.keysOnly, { ...told, revision });
      }),
    ),
  );
};

const deleteKeys = (query: string | null, asked: Asked): Answered => {
  const range = rangeIn(new Query(query, rangeParameters), asked.maxKeyBytes);
  if (range === null)
    throw badRequest('name the keys to delete: a prefix, or from and to; ?prefix= is all keys');
  return asked.write((keyed) =>
    asked.submit(
      { type: 'deleteRange', range, returnsPrevious: false },
      keyed,
      resultOf(asked.kv.store, 'deleteRange', ({ deleted }, told) => fieldsAnswer(200, { deleted }, told)),
    ),
  );
};
