import type { KnownDisk } from '../ports/disk.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';

/** Whether a peer's disk is the one that it had, and nothing is missing from it. */
export type DiskVerdict =
  | { readonly verdict: 'accepted' }
  /** `reason` is one line that names the node, both values and the remedy. */
  | { readonly verdict: 'refused'; readonly reason: string };

/**
 * Judges what `peer` says of its disk by what was `known` of it last; null: nothing. `acceptedLogId`: the disk that a committed
 * configuration names for this member, which stands above what was known; null: it names none.
 *
 * A disk that was lost or rolled back has forgotten votes and entries that it acknowledged; counting it again would break what
 * Raft paper §5.2 and §5.4 rest on, that persistent state persists. Its start number gives it away: no two runs have the same.
 */
export const judgeDisk = (
  peer: NodeId,
  known: KnownDisk | null,
  said: KnownDisk,
  acceptedLogId: string | null = null,
): DiskVerdict => {
  const name = nodeName(peer);
  const refused = (what: string): DiskVerdict => ({
    verdict: 'refused',
    reason: `${what}: bring its data directory back, or accept the one it has with raft-client member replace ${peer}`,
  });
  const expected = acceptedLogId ?? known?.logId ?? said.logId;
  if (said.logId !== expected)
    return refused(`${name} is on another disk: its log is ${said.logId}, but was ${expected}`);
  // What was known of another disk says nothing about this one.
  if (known === null || known.logId !== said.logId || said.start > known.start)
    return { verdict: 'accepted' };
  if (said.start < known.start) {
    return refused(
      `${name} is on an older copy of its disk: its start number is ${said.start}, but was ${known.start}`,
    );
  }
  if (said.incarnation === known.incarnation) return { verdict: 'accepted' };
  return refused(
    `${name} is on a copy of its disk: start number ${said.start} is of run ${said.incarnation}, but was of run ${known.incarnation}`,
  );
};
