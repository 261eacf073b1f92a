import { type Configuration, currentConfiguration, sameIds, votersOf } from '../../raft/configuration.ts';
import { isLogBehind } from '../../raft/election.ts';
import { type LogShape, lastTerm, termAt } from '../../raft/log-shape.ts';
import { hasQuorum } from '../../raft/quorum.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import type { Violation } from '../../trace/violation.ts';
import { decidersText } from './configuration-text.ts';
import { committedAt } from './history.ts';
import { type ClusterView, nodeOf, type Property, violation } from './property.ts';
import { countedDisk, isOnCountedDisk, type NodeView } from './view.ts';

/**
 * Any two quorums that could decide at one time share a voter: "there must be no point at which two leaders can be elected for the same
 * term." Raft paper §6; thesis §4.1, §4.3. Four facts, each of which breaks before two leaders are seen:
 *
 * - a configuration follows one whose quorums all meet its own, so that a change of several voters needs a joint one in between; and a node that votes
 *   by both does so on one disk, since the vote of a disk that was replaced is another's;
 * - and it follows one that is committed, so that no more than one is uncommitted;
 * - of all nodes that lead, and of those that a quorum of their configuration would elect with the logs as they are, no two could do without
 *   each other's voters: otherwise leaders of different terms may each have changed the same configuration, the bug of single-server changes;
 * - each node's configurations are those of its log, as far as another node has the same entry.
 */
export const configurationSafety: Property = (before, step, after) => {
  if (step.type !== 'stepped' && step.type !== 'started' && step.type !== 'crashed') return null;
  const was = nodeOf(before, step.node);
  const is = nodeOf(after, step.node);
  // Before the first change there is nothing to see.
  if (after.nodes.every(({ configurations }) => configurations.length < 2 && isFirst(configurations)))
    return null;
  if (is.configurations !== was.configurations) {
    const found = unsafeSuccessor(after, is);
    if (found !== null) return found;
  }
  if (is.configurations !== was.configurations || is.log !== was.log) {
    const found = otherConfiguration(after, is);
    if (found !== null) return found;
  }
  const isDecisive =
    is.configurations !== was.configurations ||
    is.log !== was.log ||
    is.currentTerm !== was.currentTerm ||
    is.role !== was.role;
  return isDecisive ? separateQuorums(after) : null;
};

const isFirst = ([configuration]: readonly Configuration[]): boolean =>
  configuration === undefined || configuration.index === 0;

/** A configuration of `node` that follows one that is not committed, or one that decides without it. */
const unsafeSuccessor = (view: ClusterView, node: NodeView): Violation | null => {
  const { id, configurations } = node;
  for (let at = 1; at < configurations.length; at++) {
    const previous = configurations[at - 1]!;
    const next = configurations[at]!;
    const name = `entry ${next.index} of node${id} gives the vote to ${decidersText(next)}`;
    if (canDecideApart(previous, votersOf(previous), next, votersOf(next))) {
      return violation(
        'Configuration Safety',
        name,
        `a majority of ${decidersText(previous)}, from entry ${previous.index}, needs none of theirs`,
      );
    }
    const exchanged = view.nodes.find(
      (each) =>
        votersOf(previous).includes(each.id) &&
        votersOf(next).includes(each.id) &&
        countedDisk(previous, each) !== countedDisk(next, each),
    );
    if (exchanged !== undefined) {
      return violation(
        'Configuration Safety',
        name,
        `node${exchanged.id} votes by entry ${previous.index} as well, on another disk: what the one has promised counts together with what the other does`,
      );
    }
    if (!isCommitted(view, node, previous)) {
      return violation(
        'Configuration Safety',
        name,
        `entry ${previous.index}, which it follows, is not committed`,
      );
    }
  }
  return null;
};

/**
 * Whether it is known to be committed, or could be: a leader that crashes in the very step in which it learns that leaves the next
 * configuration on its disk, and nobody who knows.
 */
const isCommitted = (
  { nodes, history }: ClusterView,
  { log }: NodeView,
  configuration: Configuration,
): boolean => {
  const { index } = configuration;
  if (index === 0 || index <= log.snapshotIndex) return true;
  const term = termAt(log, index);
  const known = committedAt(history, index);
  if (known !== undefined) return known.term === term;
  const holders = nodes.filter(
    (each) => isOnCountedDisk(configuration, each) && termAt(each.durable.log, index) === term,
  );
  return hasQuorum(
    configuration,
    holders.map(({ id }) => id),
  );
};

/** Another node's configurations, where the two logs hold the same entries, are not those of `node`. */
const otherConfiguration = ({ nodes }: ClusterView, node: NodeView): Violation | null => {
  for (const other of nodes) {
    if (other.id === node.id || !other.isUp || !node.isUp) continue;
    const from = Math.max(node.configurations[0]!.index, other.configurations[0]!.index);
    const mine = isHeldBy(node, other.log, from);
    const theirs = isHeldBy(other, node.log, from);
    const index = mine.find((each) => !theirs.includes(each)) ?? theirs.find((each) => !mine.includes(each));
    if (index === undefined) continue;
    const [has, lacks] = mine.includes(index) ? [node, other] : [other, node];
    return violation(
      'Configuration Safety',
      `entry ${index} of term ${termAt(has.log, index)} is a configuration on node${has.id}`,
      `on node${lacks.id}, which has that entry, it is not`,
    );
  }
  return null;
};

/** Which configurations of `node` after `from` stand in entries that `log` has as well. */
const isHeldBy = (
  { configurations, log: own }: NodeView,
  log: LogShape,
  from: LogIndex,
): readonly LogIndex[] =>
  configurations
    .map(({ index }) => index)
    .filter((index) => index > from && index <= log.lastIndex && termAt(log, index) === termAt(own, index));

/** A node that may decide something next, and with whose help at most. */
interface Decider {
  readonly node: NodeView;
  readonly as: 'leader' | 'candidate';
  readonly helpers: readonly NodeId[];
}

const separateQuorums = ({ nodes }: ClusterView): Violation | null => {
  const up = nodes.filter(({ isUp }) => isUp);
  // Nearly always all of them have the same voters.
  if (up.every((node) => isSame(inForce(node), inForce(up[0]!)))) return null;
  const deciders = up.flatMap((node) => decidersOf(node, nodes));
  for (const [at, one] of deciders.entries()) {
    for (const other of deciders.slice(at + 1)) {
      if (!canDecideApart(inForce(one.node), one.helpers, inForce(other.node), other.helpers)) continue;
      const facts = `${describe(other)}, and they may share no voter`;
      return violation('Configuration Safety', describe(one), facts);
    }
  }
  return null;
};

const inForce = ({ configurations }: NodeView): Configuration => currentConfiguration(configurations);

const isLeading = ({ role }: NodeView): boolean => role === 'leader';

/**
 * A leader is helped by whoever has not gone on to a later term, a candidate by those whose logs are no further than its own (Raft paper
 * §5.4.1). A leader may have to campaign again.
 */
const decidersOf = (node: NodeView, nodes: readonly NodeView[]): readonly Decider[] => {
  const asked = { lastLogTerm: lastTerm(node.log), lastLogIndex: node.log.lastIndex };
  const counted = nodes.filter((other) => isOnCountedDisk(inForce(node), other));
  const helpersWhere = (helps: (other: NodeView) => boolean) => counted.filter(helps).map(({ id }) => id);
  const found: Decider[] = [
    { node, as: 'candidate', helpers: helpersWhere((other) => !isLogBehind(other, asked)) },
  ];
  if (isLeading(node)) {
    found.push({
      node,
      as: 'leader',
      helpers: helpersWhere((other) => other.currentTerm <= node.currentTerm),
    });
  }
  return found.filter(({ helpers }) => hasQuorum(inForce(node), helpers));
};

/** Whether some quorum of one configuration and some quorum of the other have no voter in common; only these helpers count. */
const canDecideApart = (
  one: Configuration,
  helpersOfOne: readonly NodeId[],
  other: Configuration,
  helpersOfOther: readonly NodeId[],
): boolean => {
  if (isSame(one, other)) return false;
  const helpers = votersOf(one).filter((id) => helpersOfOne.includes(id));
  for (let chosen = 0; chosen < 2 ** helpers.length; chosen++) {
    const quorum = helpers.filter((_, at) => (chosen & (1 << at)) !== 0);
    if (!hasQuorum(one, quorum)) continue;
    if (
      hasQuorum(
        other,
        helpersOfOther.filter((id) => !quorum.includes(id)),
      )
    )
      return true;
  }
  return false;
};

/** Whether the same quorums decide. */
const isSame = (one: Configuration, other: Configuration): boolean =>
  one === other || (sameIds(one.voters, other.voters) && sameIds(one.outgoing, other.outgoing));

const describe = ({ node, as, helpers }: Decider): string => {
  const does = as === 'leader' ? `leads term ${node.currentTerm}` : 'could be elected';
  const configuration = inForce(node);
  return `node${node.id} ${does} by ${decidersText(configuration)} (entry ${configuration.index}), with ${helpers.join(',')} at most`;
};
