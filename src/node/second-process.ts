import { type NodeId, nodeName } from '../raft/types.ts';

/** Another process runs as this node, and is the one that its peers know. The message is one line for a person. */
export class SecondProcess extends Error {
  override readonly name = 'SecondProcess';
}

const beginning = (id: NodeId): string => `two processes run as ${nodeName(id)}: the other one, at `;

/** Said to the one of two processes that has to stop; `where`: the address of the other. */
export const secondProcessWords = (id: NodeId, where: string): string =>
  `${beginning(id)}${where}, was there first, so this one stops: give each node its own --id and data directory`;

/** Whether `reason`, by which a peer refuses node `id`, says that. */
export const saysSecondProcess = (id: NodeId, reason: string): boolean => reason.startsWith(beginning(id));
