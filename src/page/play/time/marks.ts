import type { NodeId, Term } from '../../../raft/types.ts';
import type { Frame, FrameNode } from '../../../simulate/play/frame.ts';

export type MarkKind = 'election' | 'commit' | 'fault' | 'mended' | 'violation';

/** Something on the timeline that one may want to go to. */
export interface Mark {
  readonly kind: MarkKind;
  readonly atUs: number;
  /** One line. */
  readonly what: string;
}

type Found = Omit<Mark, 'atUs'>;

/** What there is to mark between two frames that follow each other. */
export const marksBetween = (before: Frame, frame: Frame): readonly Found[] => {
  const found: Found[] = [];
  if (frame.nodes !== before.nodes) {
    for (const [at, node] of frame.nodes.entries()) {
      const old = before.nodes[at];
      if (old !== undefined && old !== node) found.push(...marksOfNode(old, node));
    }
    const committed = highestCommit(frame);
    if (committed > highestCommit(before))
      found.push({ kind: 'commit', what: `entry ${committed} is committed` });
  }
  const cuts = frame.cuts.length - before.cuts.length;
  if (cuts > 0) found.push({ kind: 'fault', what: `${cuts} ${cuts === 1 ? 'link is' : 'links are'} cut` });
  if (cuts < 0)
    found.push({ kind: 'mended', what: `${-cuts} ${cuts === -1 ? 'link is' : 'links are'} mended` });
  if (frame.violation !== null && before.violation === null)
    found.push({ kind: 'violation', what: frame.violation.message });
  return found;
};

const marksOfNode = (old: FrameNode, node: FrameNode): readonly Found[] => {
  const found: Found[] = [];
  const name = `node${node.id}`;
  const fault = (what: string) => found.push({ kind: 'fault', what: `${name} ${what}` });
  const mended = (what: string) => found.push({ kind: 'mended', what: `${name} ${what}` });
  if (isLeader(node) && !(isLeader(old) && old.term === node.term))
    found.push({ kind: 'election', what: `${name} leads term ${node.term}` });
  if (old.isUp && !node.isUp) fault(node.failure ?? 'crashes');
  if (!old.isUp && node.isUp && old.term > 0) mended('starts again');
  if (!old.isPaused && node.isPaused) fault('is paused');
  if (old.isPaused && !node.isPaused && node.isUp) mended('goes on');
  if (!old.disk.isFull && node.disk.isFull) fault('has a full disk');
  if (!old.disk.isSlow && node.disk.isSlow) fault('has a slow disk');
  if (!old.disk.isOther && node.disk.isOther) fault('has lost its disk');
  if (old.clockRate !== node.clockRate) {
    if (node.clockRate === 1) mended('has a right clock again');
    else fault(`has a clock that runs ${node.clockRate} times as fast`);
  }
  return found;
};

const isLeader = ({ isUp, role }: FrameNode): boolean => isUp && role === 'leader';

const highestCommit = ({ nodes }: Frame): number =>
  nodes.reduce((highest, { commitIndex }) => Math.max(highest, commitIndex), 0);

/** From `fromUs` on, until the next one, this node led the latest term that anybody led; `leader` null: nobody did. */
export interface Reign {
  readonly fromUs: number;
  readonly leader: NodeId | null;
  readonly term: Term;
}

/** Goes on where `reigns` ends, with the frames from `from` on. */
export const addReigns = (
  reigns: Reign[],
  frames: readonly Frame[],
  positions: readonly number[],
  from: number,
): void => {
  for (let at = from; at < frames.length; at++) {
    if (at > 0 && frames[at]!.nodes === frames[at - 1]!.nodes) continue;
    const { leader, term } = leaderOf(frames[at]!);
    const last = reigns.at(-1);
    if (last === undefined || last.leader !== leader || (leader !== null && last.term !== term))
      reigns.push({ fromUs: positions[at]!, leader, term });
  }
};

/** Who leads the latest term that anybody leads. */
export const leaderOf = ({ nodes }: Frame): Pick<Reign, 'leader' | 'term'> => {
  let found: Pick<Reign, 'leader' | 'term'> = { leader: null, term: 0 };
  for (const node of nodes) {
    if (isLeader(node) && node.term > found.term) found = { leader: node.id, term: node.term };
  }
  return found;
};

/** At most one mark of a kind for each of so many columns, so that a long play is drawn as fast as a short one: the last. */
export const thinned = (marks: readonly Mark[], spanUs: number, columns: number): readonly Mark[] => {
  const kept = new Map<string, Mark>();
  for (const mark of marks) kept.set(`${mark.kind} ${Math.floor((mark.atUs / spanUs) * columns)}`, mark);
  return [...kept.values()];
};
