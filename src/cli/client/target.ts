import type { NodeId } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import { failure, type Report } from './report.ts';
import { askStatus } from './status.ts';

/** The endpoint of node `id`: the one of `endpoints` where it answers, else what another node says; or a failure. */
export const findTarget = async (
  id: NodeId,
  endpoints: readonly string[],
  timeoutMs: number,
): Promise<string | Report> => {
  const answers = await askStatus(endpoints, timeoutMs);
  const nodes = answers.filter((answer) => 'status' in answer);
  const own = nodes.find(({ status }) => status.id === id)?.endpoint;
  const peer = nodes
    .flatMap(({ status }) => status.peers)
    .find((each) => each.id === id && each.endpoint !== null);
  const found = own ?? peer?.endpoint;
  if (found) return found;
  const message = `node${id} is not among ${endpoints.join(', ')}`;
  if (nodes.length === endpoints.length)
    return failure(exitCodes.failure, { error: 'unknown_target', message });
  return failure(exitCodes.timeout, { error: 'timeout', message: `${message}, as far as those answered` });
};
