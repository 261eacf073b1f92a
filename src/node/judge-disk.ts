import type { DiskClaim, KnownDisk, Run } from '../ports/disk.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { lostDiskWords, replacementWords } from './members.ts';
import { type NamedDisk, unnamedDisk } from './membership.ts';

/** Whether a peer's disk is the one that it had, and nothing is missing from it. */
export type DiskVerdict =
  | { readonly verdict: 'accepted' }
  /** `reason` is one line that names the node, both values and the remedy. `otherLogId`: of a disk that could take the place of the one that it had. */
  | { readonly verdict: 'refused'; readonly reason: string; readonly otherLogId?: string };

/**
 * Judges what `peer` says of its disk by what was `known` of it last; null: nothing. `named`: the disk that the configurations name for this
 * member, which stands above what was known, and how far they say that it had come: whoever has never met the peer knows that as well. What was known of the same disk still
 * counts beside it: the leader that proposed them may have believed a copy.
 *
 * A disk that was lost or rolled back has forgotten votes and entries that it acknowledged; counting it again would break what
 * Raft paper §5.2 and §5.4 rest on, that persistent state persists. A copy gives itself away by its history: the start
 * number that was known of the disk belonged to a run which the copy has not seen. Only one that was started more than `maxRuns` times since, unheard, is past
 * telling.
 */
export const judgeDisk = (
  peer: NodeId,
  known: KnownDisk | null,
  said: DiskClaim,
  { inForce, certain, seen }: NamedDisk = unnamedDisk,
): DiskVerdict => {
  const name = nodeName(peer);
  const expected = [inForce, certain ?? known?.logId ?? null].find(
    (each) => each !== null && each !== said.logId,
  );
  if (expected) {
    const reason = `${name} is on another disk: its log is ${said.logId}, but was ${expected}: ${replacementWords(peer)}`;
    return { verdict: 'refused', reason, otherLogId: said.logId };
  }
  for (const each of known === null ? seen : [known, ...seen]) {
    const what = lackOf(name, each, said);
    if (what !== null) return { verdict: 'refused', reason: `${what}: ${lostDiskWords(peer)}` };
  }
  return { verdict: 'accepted' };
};

/** Whether a disk that was believed is not by the configurations any more: it is another one than they name, or a copy that lacks what they say of it. */
export const isExcluded = (said: DiskClaim, { inForce, certain, seen }: NamedDisk): boolean =>
  [inForce, certain].some((named) => named !== null && named !== said.logId) ||
  // Its start number may have grown since it was told.
  seen.some((known) => isCopy(known, said));

/** What a disk lacks that was known of it; null: nothing. */
const lackOf = (name: string, known: KnownDisk, said: DiskClaim): string | null => {
  // What was known of another disk says nothing about this one.
  if (known.logId !== said.logId) return null;
  if (said.start < known.start) {
    return `${name} is on an older copy of its disk: its start number is ${said.start}, but was ${known.start}`;
  }
  if (!isCopy(known, said)) return null;
  const { tag } = runAt(said.runs, known.start)!;
  return `${name} is on a copy of its disk: its start number ${known.start} was that of run ${tag}, but was known as that of run ${known.run}`;
};

/** Whether the start number that is known belonged to another run, as far as the disk itself still knows. */
const isCopy = ({ logId, start, run }: KnownDisk, said: DiskClaim): boolean => {
  const found = runAt(said.runs, start);
  return logId === said.logId && found !== null && found.tag !== run;
};

/** The run that had start number `start`; null if it is from before the first of `runs`. */
const runAt = (runs: readonly Run[], start: number): Run | null =>
  runs.findLast((run) => run.start <= start) ?? null;
