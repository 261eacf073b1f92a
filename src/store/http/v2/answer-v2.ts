import { type Answered, methodNotAllowed, refusal } from '../answer.ts';
import { answerKey } from './answer-key.ts';
import { answerKeys } from './answer-keys.ts';
import { answerCompact, answerKeepAlive, answerLease, answerLeases } from './answer-leases.ts';
import { answerTxn } from './answer-txn.ts';
import type { Asked } from './asked.ts';
import { Query } from './query.ts';
import { refusable } from './request-refused.ts';
import { methodsAt, operationAt } from './resources.ts';
import type { RouteV2 } from './route.ts';

/** Answers a request of version 2. `others` has what needs more of the server than `asked` gives. */
export const answerV2 = (
  route: RouteV2,
  asked: Asked,
  others: Readonly<Record<'watch' | 'openApi', () => Answered>>,
): Answered => {
  const { query } = route;
  if (operationAt(route.resource, asked.method) === null) return methodNotAllowed(methodsAt(route.resource));
  const tooEarly = route.resource === 'openApi' || asked.kv.store.isBegun ? null : asked.oldMembers;
  if (tooEarly !== null) return refusal(409, 'not_upgraded', tooEarly);
  return refusable(() => {
    switch (route.resource) {
      case 'key':
        return answerKey(route.key, query, asked);
      case 'keys':
        return answerKeys(query, asked);
      case 'leases':
        return answerLeases(query, asked);
      case 'lease':
        return answerLease(route.id, query, asked);
      case 'watch':
        return others.watch();
      case 'openApi':
        return others.openApi();
      case 'keepAlive':
        new Query(query, []);
        return answerKeepAlive(route.id, asked);
      case 'txn':
        new Query(query, []);
        return answerTxn(asked);
      case 'compact':
        new Query(query, []);
        return answerCompact(asked);
    }
  });
};
