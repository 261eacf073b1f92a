import type { ConfigurationStatus, NodeStatus } from '../../node/node.ts';
import type { LiveNode } from '../data/live-node.ts';

/** Something that happened in a live cluster, as far as two reports in a row tell. */
export interface ClusterEvent {
  readonly kind: 'leader' | 'role' | 'down' | 'up' | 'members';
  readonly text: string;
}

/** What is known of a node: by its latest report, and since. */
export interface Known {
  /** Null: it has never answered. */
  readonly status: NodeStatus | null;
  readonly isReachable: boolean;
}

/** Of all nodes, by endpoint. */
export type KnownNodes = ReadonlyMap<string, Known>;

/** What is known after another report. */
export const learn = (known: KnownNodes, report: readonly LiveNode[]): KnownNodes =>
  new Map(
    report.map((node): readonly [string, Known] => {
      const status = node.isReachable ? node.status : (known.get(node.endpoint)?.status ?? null);
      return [node.endpoint, { status, isReachable: node.isReachable }];
    }),
  );

/** What a report tells that was not known before, in the order in which one would tell it. Nothing is told of a node's first report. */
export const eventsSince = (known: KnownNodes, report: readonly LiveNode[]): readonly ClusterEvent[] => [
  ...report.flatMap((node) => lossOf(known.get(node.endpoint), node)),
  ...report.flatMap((node) => changeOf(known.get(node.endpoint), node)),
  ...changeOfMembers([...known.values()], [...learn(known, report).values()]),
];

const lossOf = (before: Known | undefined, node: LiveNode): readonly ClusterEvent[] => {
  if (node.isReachable || !before?.isReachable || before.status === null) return [];
  const { id, role, term } = before.status;
  const led = role === 'leader' ? `, which led term ${term},` : '';
  return [{ kind: 'down', text: `node${id}${led} does not answer any more: ${node.reason}` }];
};

const changeOf = (before: Known | undefined, node: LiveNode): readonly ClusterEvent[] => {
  if (before === undefined || !node.isReachable) return [];
  const { id, role, term } = node.status;
  if (!before.isReachable || before.status === null) {
    const again = before.status === null ? '' : ' again';
    return [{ kind: 'up', text: `node${id} answers${again}: it ${words[role](term)}` }];
  }
  if (role === before.status.role && (role !== 'leader' || term === before.status.term)) return [];
  const led = before.status.role === 'leader' ? ` no longer leads term ${before.status.term}, and` : '';
  return [{ kind: role === 'leader' ? 'leader' : 'role', text: `node${id}${led} ${words[role](term)}` }];
};

const words: Readonly<Record<NodeStatus['role'], (term: number) => string>> = {
  follower: (term) => `follows in term ${term}`,
  preCandidate: (term) => `asks who would vote for it in term ${term + 1}`,
  candidate: (term) => `campaigns for term ${term}`,
  leader: (term) => `leads term ${term}`,
};

const changeOfMembers = (before: readonly Known[], now: readonly Known[]): readonly ClusterEvent[] => {
  const [old, latest] = [latestOf(before), latestOf(now)];
  if (old === null || latest === null || membersText(old) === membersText(latest)) return [];
  return [{ kind: 'members', text: membersText(latest) }];
};

/** The latest committed configuration that any node knows. */
const latestOf = (nodes: readonly Known[]): ConfigurationStatus | null =>
  nodes
    .flatMap(({ status }) => (status?.configuration.isCommitted ? [status.configuration] : []))
    .toSorted((a, b) => b.index - a.index)[0] ?? null;

const membersText = ({ voters, outgoing, learners }: ConfigurationStatus): string =>
  [
    outgoing.length > 0
      ? `the old voters ${outgoing.join(', ')} and the new voters ${voters.join(', ')} decide together`
      : `the voters are ${voters.join(', ')}`,
    learners.length > 0 ? `; learners: ${learners.join(', ')}` : '',
  ].join('');
