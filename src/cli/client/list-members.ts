import { clientEndpointIn } from '../../node/client-endpoint.ts';
import { removedWords } from '../../node/members.ts';
import type { ConfigurationStatus, NodeStatus } from '../../node/node.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import { leaderIn } from './leader.ts';
import type { Reach } from './reach.ts';
import { failure, jsonLine, printed, type Report } from './report.ts';
import { askStatus, denialIn, type EndpointStatus, isLeader } from './status.ts';
import { textTable } from './text-table.ts';

/** What the leader says of the members, or if there is none, whoever knows the latest of them. */
export const listMembers = async (
  reach: Reach,
  endpoints: readonly string[],
  timeoutMs: number,
  asJson: boolean,
): Promise<Report> => {
  const answers = await askStatus(reach, endpoints, timeoutMs, isLeader);
  const leader = leaderIn(answers);
  const elsewhere = leader?.endpoint ? await askStatus(reach, [leader.endpoint], timeoutMs) : [];
  const nodes = [...elsewhere, ...answers].filter((answer) => 'status' in answer);
  const denial = denialIn(answers);
  if (denial !== null) return denial;
  if (nodes.length === 0) {
    const message = `none of ${endpoints.join(', ')} answers`;
    return failure(exitCodes.timeout, { error: 'timeout', message });
  }
  const status = bestOf(nodes, leader?.id ?? null);
  if (status === null) {
    const named = [...new Set(nodes.map(({ endpoint }) => endpoint))];
    const who =
      named.length === 1 ? `the node at ${named[0]} does` : `the nodes at ${named.join(' and ')} do`;
    const message = `${who} not tell who the members are: ${named.length === 1 ? 'it runs' : 'they run'} an older version`;
    return failure(exitCodes.failure, { error: 'unsupported', message });
  }
  const ownEndpoint = nodes.find(({ status: { id } }) => id === status.id)?.endpoint;
  if (!asJson) return printed(text(status, ownEndpoint));
  return printed(jsonLine({ leader: status.leader && nodeName(status.leader), ...status.configuration }));
};

type Answering = Extract<EndpointStatus, { readonly status: NodeStatus }>;

/** Null: none of them knows of members, as those of an older version do not. */
const bestOf = (answers: readonly Answering[], leader: NodeId | null): NodeStatus | null => {
  const statuses = answers.map(({ status }) => status).filter(tellsMembers);
  const [latest] = statuses.toSorted((a, b) => b.configuration.index - a.configuration.index);
  return statuses.find(({ id }) => id === leader) ?? latest ?? null;
};

const tellsMembers = ({ configuration }: Partial<NodeStatus>): boolean =>
  Array.isArray(configuration?.voters) &&
  Array.isArray(configuration.outgoing) &&
  Array.isArray(configuration.learners) &&
  typeof configuration.members === 'object' &&
  configuration.members !== null;

/** `ownEndpoint`: where the node answered whose status this is. */
const text = (status: NodeStatus, ownEndpoint: string | undefined): string => {
  const { configuration } = status;
  const rows = Object.entries(configuration.members).map(([key, { peer, client, matchIndex }]) => {
    const id = Number(key);
    // What a node says of itself is newer than what the configuration was told of it.
    const announced = id === status.id ? ownEndpoint : clientEndpointIn(status, id);
    return [
      nodeName(id),
      partOf(configuration, id),
      peer ?? '-',
      announced ?? client ?? '-',
      id === status.leader ? 'leads' : String(matchIndex ?? '-'),
    ];
  });
  const table = textTable([['NODE', 'PART', 'PEER', 'CLIENT', 'MATCH'], ...rows]);
  const { index, isCommitted } = configuration;
  const asOf = status.leader === null ? `, as ${nodeName(status.id)} knows it${whyAlone(status)}` : '';
  return `${table}configuration ${index}${isCommitted ? '' : ', not committed yet'}${asOf}\n`;
};

/** Why a node knows of no leader, by which the members may be others meanwhile. */
const whyAlone = ({ id, standing }: NodeStatus): string => {
  if (standing === 'removed') return `: ${removedWords(id)}`;
  return standing === 'waiting' ? ', which is waiting to be added' : ': no leader is known';
};

/** What node `id` is in a configuration. */
export const partOf = ({ voters, outgoing, learners }: ConfigurationStatus, id: NodeId): string => {
  if (voters.includes(id)) return 'voter';
  if (outgoing.includes(id)) return 'leaving';
  return learners.includes(id) ? 'learner' : '-';
};
