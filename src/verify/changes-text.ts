import type { MemberChange } from '../raft/members.ts';
import { nodeName } from '../raft/types.ts';

/** `add node4 as a learner`; several: `remove node1 and promote node3`. */
export const changesText = (changes: readonly MemberChange[]): string => {
  const words = changes.map(changeText);
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}, in one change`;
};

const changeText = ({ type, node }: MemberChange): string => {
  switch (type) {
    case 'add':
      return `add ${nodeName(node)} as a learner`;
    case 'promote':
      return `make ${nodeName(node)} a voter`;
    case 'demote':
      return `make ${nodeName(node)} a learner`;
    case 'remove':
      return `remove ${nodeName(node)}`;
    case 'update':
      return `change the addresses of ${nodeName(node)}`;
  }
};
