import type { Answered } from '../answer.ts';
import { txnAnswer } from './answers.ts';
import type { Asked } from './asked.ts';
import { refusable } from './request-refused.ts';
import { resultOf } from './result-of.ts';
import { txnIn } from './txn-request.ts';

/** `/v2/txn`. */
export const answerTxn = (asked: Asked): Answered =>
  asked.write((keyed) =>
    asked.receive((body) =>
      refusable(() => {
        const txn = txnIn(body, asked.maxKeyBytes);
        return asked.submit(
          txn,
          keyed,
          resultOf(asked.kv.store, 'txn', (done, told) => txnAnswer(done, txn, told)),
        );
      }),
    ),
  );
