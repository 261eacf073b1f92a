import { type NodeId, nodeName } from '../raft/types.ts';
import type { Fault } from './fault.ts';

/** What a fault does, in a few words, as they stand in a picture where it begins and where it ends. */
export const faultText = (fault: Fault): string => {
  switch (fault.kind) {
    case 'partition': {
      const groups = fault.groups.map(named).join(' | ');
      return fault.oneWay ? `network cut one way: ${groups.replace('|', '↛')}` : `network cut: ${groups}`;
    }
    case 'hold':
      return `held: all from ${link(fault)}`;
    case 'slowLink':
      return `${fault.addMs} ms slower: ${link(fault)}`;
    case 'disconnect':
      return `connection broken: ${named(fault.nodes)}`;
    case 'crash':
      return `power lost: ${named(fault.nodes)}`;
    case 'pause':
      return `paused: ${nodeName(fault.node)}`;
    case 'skew':
      return `clock ${fault.rate} times as fast: ${nodeName(fault.node)}`;
    case 'slowDisk':
      return `disk ${fault.addMs} ms slower: ${nodeName(fault.node)}`;
    case 'failedSync':
      return `a sync fails: ${nodeName(fault.node)}`;
    case 'fullDisk':
      return `disk full: ${nodeName(fault.node)}`;
    case 'bitFlip':
      return `power lost, and a bit of the disk flipped: ${nodeName(fault.node)}`;
    case 'lostDisk':
      return `power lost, and another, empty disk: ${nodeName(fault.node)}`;
    case 'olderDisk':
      return `power lost, and an older copy of the disk: ${nodeName(fault.node)}`;
  }
};

const named = (nodes: readonly NodeId[]): string => nodes.map(nodeName).join(' ');

const link = ({ from, to }: { readonly from: NodeId; readonly to: NodeId }): string =>
  `${nodeName(from)} to ${nodeName(to)}`;
