import { type Answered, refusal, retrySoon } from '../answer.ts';
import { compactedAnswer } from './answers.ts';
import type { Asked } from './asked.ts';
import { type WatchRequest, watchRequestIn } from './watch-request.ts';
import type { WatchStreams } from './watch-streams.ts';

/** `/v2/watch`. `begin` answers with a stream. Throws `RequestRefused`. */
export const answerWatch = (
  query: string | null,
  asked: Asked,
  streams: WatchStreams,
  begin: (request: WatchRequest) => null,
): Answered => {
  const request = watchRequestIn(query, asked.headers, asked.maxKeyBytes);
  return asked.whenBegun(request.consistency, () => {
    if (streams.isFull) return tooManyWatches;
    const { store } = asked.kv;
    const { from } = request;
    // A browser that resumes would otherwise be told so again and again.
    if (from !== null && store.changesFrom(from, 1) === null)
      return compactedAnswer(store.firstKept, { revision: store.revision, ...asked.position });
    return begin(request);
  });
};

const tooManyWatches = refusal(
  429,
  'too_many_watches',
  'this node has as many watches as it may; try again, or ask another node',
  retrySoon,
);
