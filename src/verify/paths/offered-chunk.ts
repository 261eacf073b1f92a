import { crc32 } from '../../adapters/storage/crc32.ts';
import { snapshotContent } from '../../node/machine-node.ts';
import { firstConfiguration } from '../../raft/configuration.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Terms } from './environment.ts';
import { snapshotChunks, testedNode } from './model-node.ts';
import { offeredRound } from './offered-append.ts';
import type { PathMessage } from './path.ts';

/** One byte of the leader's snapshot of `log` up to `index`, as it sends it to one of `voters` voters. */
export const chunkAt = (
  from: NodeId,
  term: Term,
  log: Terms,
  index: LogIndex,
  offset: number,
  voters: number,
): PathMessage => {
  const content = snapshotContent(snapshotChunks);
  const data = content.subarray(offset, offset + 1);
  return {
    type: 'InstallSnapshot',
    from,
    to: testedNode,
    term,
    lastIncludedIndex: index,
    lastIncludedTerm: log[index - 1]!,
    configuration: firstConfiguration(Array.from({ length: voters }, (_, at) => at + 1)),
    sizeBytes: snapshotChunks,
    checksum: crc32(content, 0),
    offset,
    dataChecksum: crc32(data, 0),
    done: offset === snapshotChunks - 1,
    round: offeredRound,
    data: new TextDecoder().decode(data),
  };
};
