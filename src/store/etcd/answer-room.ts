import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { ResponseOp, WireKeyValue } from './wire-types.ts';

/** What an answer may hold that is large. */
interface Told {
  readonly kvs?: readonly WireKeyValue[];
  readonly prev_kv?: WireKeyValue;
  readonly prev_kvs?: readonly WireKeyValue[];
  readonly responses?: readonly ResponseOp[];
  readonly keys?: readonly Uint8Array[];
}

/** What a pair takes on the wire besides its key and its value, at most. */
const pairBytes = 64;

/** Answers that their clients have not read yet. */
export class AnswerRoom {
  readonly #maxAnswerBytes: number;
  readonly #maxAnswersBytes: number;
  #heldBytes = 0;

  constructor(limits: { readonly maxAnswerBytes: number; readonly maxAnswersBytes: number }) {
    this.#maxAnswerBytes = limits.maxAnswerBytes;
    this.#maxAnswersBytes = limits.maxAnswersBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Throws an `EtcdError` for an answer that is too large, or while too much waits. Of reads only: what was written is not undone by it. */
  admit(answer: Told): void {
    const bytes = answerBytes(answer);
    if (bytes > this.#maxAnswerBytes) {
      const words = `raftchart: the answer has about ${bytes} bytes, more than ${this.#maxAnswerBytes}: ask for fewer keys at a time, with limit`;
      throw new EtcdError('resourceExhausted', words);
    }
    if (bytes > 0 && this.#heldBytes + bytes > this.#maxAnswersBytes) throw etcdErrors.tooManyRequests();
  }

  /** Counts an answer. Returns what is to be called once it is sent. */
  hold(answer: Told): () => void {
    const bytes = answerBytes(answer);
    this.#heldBytes += bytes;
    return () => {
      this.#heldBytes -= bytes;
    };
  }
}

/** About how many bytes an answer has on the wire, without those that are few in any case. */
const answerBytes = ({ kvs = [], prev_kv, prev_kvs = [], responses = [], keys = [] }: Told): number => {
  let bytes = prev_kv === undefined ? 0 : bytesOf(prev_kv);
  for (const pair of kvs) bytes += bytesOf(pair);
  for (const pair of prev_kvs) bytes += bytesOf(pair);
  for (const key of keys) bytes += key.length;
  for (const response of responses) for (const each of Object.values(response)) bytes += answerBytes(each);
  return bytes;
};

const bytesOf = ({ key, value }: WireKeyValue): number => pairBytes + key.length + (value?.length ?? 0);
