import type { RaftContext } from './context.ts';
import type { Raised } from './inputs.ts';
import type { AppendEntriesResponse, InstallSnapshotResponse } from './messages.ts';
import type { Progress } from './progress.ts';
import { answered } from './reads.ts';
import type { NodeId } from './types.ts';

/** What a follower answers its leader. */
export type FollowerResponse = AppendEntriesResponse | InstallSnapshotResponse;

/** The follower has answered: it is up, and has been since the round that it names. */
export const hear = (
  context: RaftContext,
  { from, round }: FollowerResponse,
  known: Progress,
): {
  readonly patch: Partial<RaftContext>;
  readonly progress: Progress;
  readonly raised: readonly Raised[];
} => {
  const progress = round > known.round ? { ...known, round } : known;
  const { patch, raised } = answered({ ...context, progress: { ...context.progress, [from]: progress } });
  // A late answer to the period before does not count for this one. Thesis §6.2.
  const heardFrom = round < context.checkedRound ? context.heardFrom : withMember(context.heardFrom, from);
  return { patch: { heardFrom, ...patch }, progress, raised };
};

const withMember = (sorted: readonly NodeId[], id: NodeId): readonly NodeId[] =>
  sorted.includes(id) ? sorted : [...sorted, id].sort((a, b) => a - b);
