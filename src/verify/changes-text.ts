import type { MemberChange } from '../raft/members.ts';
import { type NodeId, nodeName } from '../raft/types.ts';

/** `add node4 as a learner`; several: `remove node1 and make node3 a voter, in one change`. */
export const changesText = (
  changes: readonly MemberChange[],
  nameOf: (id: NodeId) => string = nodeName,
): string => {
  const words = changes.map((change) => changeText(change, nameOf(change.node)));
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}, in one change`;
};

const changeText = (change: MemberChange, node: string): string => {
  switch (change.type) {
    case 'add':
      return `add ${node} as a learner`;
    case 'promote':
      return `make ${node} a voter`;
    case 'demote':
      return `make ${node} a learner`;
    case 'remove':
      return `remove ${node}`;
    case 'update':
      return change.member.logId === null
        ? `change the addresses of ${node}`
        : `let another disk be that of ${node}`;
    case 'name':
      return `name the disk of ${node}`;
  }
};
