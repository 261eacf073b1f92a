import type { Reach } from '../client/reach.ts';
import { askStatus } from '../client/status.ts';

/** How long a node has to answer. */
const timeoutMs = 5000;

/** A line for each node that will not show itself however often it is asked: it denies access, or is not trusted. Never rejects. */
export const lastingDenials = async (
  reach: Reach,
  endpoints: readonly string[],
): Promise<readonly string[]> => {
  const answers = await askStatus(reach, endpoints, timeoutMs);
  return answers.flatMap((answer) => {
    if ('status' in answer) return [];
    if (answer.isLasting) return [answer.unreachable];
    return answer.denied === undefined ? [] : [`${answer.endpoint} ${answer.unreachable}`];
  });
};
