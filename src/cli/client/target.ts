import { clientEndpointIn } from '../../node/client-endpoint.ts';
import type { NodeStatus } from '../../node/node.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Reach } from './reach.ts';
import { failure, type Report } from './report.ts';
import { askStatus, denialIn } from './status.ts';

/** The endpoint of node `id`: the one of `endpoints` where it answers, else what another node says; or a failure. */
export const findTarget = async (
  reach: Reach,
  id: NodeId,
  endpoints: readonly string[],
  timeoutMs: number,
): Promise<string | Report> => {
  const answers = await askStatus(
    reach,
    endpoints,
    timeoutMs,
    (status) => status.id === id || clientEndpointIn(status, id) !== null,
  );
  const nodes = answers.filter((answer) => 'status' in answer);
  const own = nodes.find(({ status }) => status.id === id)?.endpoint;
  const found =
    own ?? nodes.map(({ status }) => clientEndpointIn(status, id)).find((endpoint) => endpoint !== null);
  if (found) return found;
  const denial = denialIn(answers);
  if (denial !== null) return denial;
  const asked = endpoints.join(', ');
  // Whoever knows a leader knows the members, but for a change that is under way.
  const isNoMember = nodes.some(({ status }) => status.leader !== null && !isMember(status, id));
  if (isNoMember || nodes.length === endpoints.length) {
    const message = isNoMember
      ? `${nodeName(id)} is not a member of the cluster at ${asked}`
      : `${nodeName(id)} is not among ${asked}`;
    return failure(exitCodes.failure, { error: 'unknown_target', message });
  }
  const message = `${nodeName(id)} is not among ${asked}, as far as those answered`;
  return failure(exitCodes.timeout, { error: 'timeout', message });
};

/** A node of an older version says nothing of members. */
const isMember = ({ configuration }: Partial<NodeStatus>, id: NodeId): boolean =>
  configuration?.members === undefined || id in configuration.members;
