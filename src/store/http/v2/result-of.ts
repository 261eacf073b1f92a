import type { Done, KvRequestResult } from '../../kv/requests.ts';
import type { RevisionedStore } from '../../kv/revisioned-store.ts';
import type { Answer, Position } from '../answer.ts';
import { oldestOf, refusedAnswer, type Told } from './answers.ts';

/** The answer to a write: what `done` makes of its result, which is of `type`, or why it did nothing. */
export const resultOf =
  <Type extends Done['type']>(
    store: RevisionedStore,
    type: Type,
    done: (result: Extract<Done, { readonly type: Type }>, told: Told) => Answer,
  ) =>
  (result: KvRequestResult, position: Position): Answer => {
    const { index, term } = position;
    const told = { revision: result.revision, index, term };
    if (result.type === 'refused') return refusedAnswer(result.reason, oldestOf(store), told);
    if (!isOf(result.done, type))
      throw new Error(`expected ${type}, got ${result.done.type} at index ${index}`);
    return done(result.done, told);
  };

const isOf = <Type extends Done['type']>(
  done: Done,
  type: Type,
): done is Extract<Done, { readonly type: Type }> => done.type === type;
