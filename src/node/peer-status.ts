import { currentConfiguration } from '../raft/configuration.ts';
import type { RaftContext } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';
import type { PeerStatus } from './node.ts';
import { problemWords } from './problem-words.ts';

/** What a node tells of a peer: how it is `linked`, and on a leader how far it has come. `believedLogIdOf`: the disk by which the node knows a peer. */
export const peerStatus = (
  linked: PeerStatus,
  { id: self, configurations, progress }: Pick<RaftContext, 'id' | 'configurations' | 'progress'>,
  believedLogIdOf: (peer: NodeId) => string | null,
): PeerStatus => {
  const { id } = linked;
  const { members } = currentConfiguration(configurations);
  const peer = { ...linked, endpoint: linked.endpoint ?? members[id]?.client ?? null };
  const known = progress[id];
  if (known === undefined) return peer;
  const { matchIndex } = known;
  if (known.state === 'snapshot') {
    const { snapshot, offset } = known;
    return { ...peer, matchIndex, snapshot: { index: snapshot.index, sentBytes: offset } };
  }
  if (known.state !== 'lost' || peer.refusal !== undefined) return { ...peer, matchIndex };
  const reason = problemWords(id, { type: 'lostEntries', matchIndex });
  // It may be filled again on the disk that it has.
  const logId = believedLogIdOf(id);
  const refusal = { by: self, reason, ...(logId === null ? {} : { otherLogId: logId }) };
  return { ...peer, matchIndex, refusal };
};
