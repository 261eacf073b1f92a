import { crc32 } from '../../adapters/storage/crc32.ts';
import { chunkMessage } from '../../node/chunk-message.ts';
import { snapshotChunk } from '../../node/machine-node.ts';
import { firstConfiguration } from '../../raft/configuration.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Terms } from './environment.ts';
import { snapshotChunks, testedNode } from './model-node.ts';
import { offeredRound } from './offered-append.ts';
import type { PathMessage } from './path.ts';
import { toPathMessage } from './path-message.ts';

/** One byte of the leader's snapshot of `log` up to `index`, as it sends it to one of `voters`. */
export const chunkAt = (
  from: NodeId,
  term: Term,
  log: Terms,
  index: LogIndex,
  offset: number,
  voters: readonly NodeId[],
): PathMessage => {
  const snapshot = { index, term: log[index - 1]!, configuration: firstConfiguration(voters) };
  const found = snapshotChunk(snapshotChunks, offset, (bytes) => crc32(bytes, 0));
  return toPathMessage(
    chunkMessage(from, { to: testedNode, term, snapshot, offset, round: offeredRound }, found),
  );
};
