import type { NodeId } from '../../raft/types.ts';
import type { NetworkPlan } from '../../simulate/plan.ts';
import type { Flight } from '../../simulate/under-way.ts';

/** How a directive names one message of all that are under way: by its place among those of its kind on its link. */
export const selectionOf = ({ number, message }: Flight, flights: readonly Flight[]): string => {
  const { from, to, type } = message;
  const alike = flights.filter(
    (other) => other.message.from === from && other.message.to === to && other.message.type === type,
  );
  const nth = alike.findIndex((other) => other.number === number) + 1;
  return `from ${from} to ${to} ${type} nth ${nth}`;
};

/** `partition 1 2 | 3`; null: all are in one group. `groups`: the group of each node, from node 1 on. */
export const partitionOf = (groups: readonly number[]): string | null => {
  const byGroup = new Map<number, NodeId[]>();
  for (const [at, group] of groups.entries()) byGroup.set(group, [...(byGroup.get(group) ?? []), at + 1]);
  if (byGroup.size < 2) return null;
  const sorted = [...byGroup].sort(([a], [b]) => a - b).map(([, nodes]) => nodes.join(' '));
  return `partition ${sorted.join(' | ')}`;
};

export const rateNames = ['loss', 'duplicates', 'reorders', 'least', 'most'] as const;
export type RateName = (typeof rateNames)[number];

/** What a slider stands at: percent, or milliseconds of the least and the most time that a message takes. */
export const rateIn = (rates: NetworkPlan, name: RateName): number => {
  switch (name) {
    case 'loss':
      return percentOf(rates.dropRate);
    case 'duplicates':
      return percentOf(rates.duplicateRate);
    case 'reorders':
      return percentOf(rates.reorderRate);
    case 'least':
      return rates.minDelayMs;
    case 'most':
      return rates.maxDelayMs;
  }
};

const percentOf = (rate: number): number => +(rate * 100).toFixed(2);

/** `rates loss=5%`. A delay that passes the other one takes it along. */
export const ratesOf = (rates: NetworkPlan, name: RateName, value: number): string => {
  if (name === 'least') return `rates delay=${value}ms..${Math.max(value, rates.maxDelayMs)}ms`;
  if (name === 'most') return `rates delay=${Math.min(value, rates.minDelayMs)}ms..${value}ms`;
  return `rates ${name}=${value}%`;
};

export type Pair = readonly [NodeId, NodeId];

/** What cuts these links, both ways: a partition where they are all that lies between groups of nodes, otherwise each by itself. Nothing for those that are cut. */
export const cutsOf = (links: readonly Pair[], count: number, cuts: readonly Pair[]): readonly string[] => {
  const isCrossed = (a: NodeId, b: NodeId) =>
    links.some(([from, to]) => (from === a && to === b) || (from === b && to === a));
  const isCut = (a: NodeId, b: NodeId) => cuts.some(([from, to]) => from === a && to === b);
  const ways = links.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]).filter((way) => !isCut(...way));
  if (ways.length === 0) return [];
  const groups = groupsOf(count, isCrossed);
  const partition = partitionOf(groups);
  const isSplit = groups.every((group, a) =>
    groups.every((other, b) => a === b || (group !== other) === isCrossed(a + 1, b + 1)),
  );
  if (partition !== null && isSplit) return [partition];
  return ways.map(([from, to]) => `cut ${from} to ${to}`);
};

/** The group of each node, from node 1 on: those are together that reach each other without what is crossed. */
const groupsOf = (count: number, isCrossed: (a: NodeId, b: NodeId) => boolean): readonly number[] => {
  const groups = Array.from({ length: count }, (_, at) => at);
  for (let a = 1; a <= count; a++) {
    for (let b = a + 1; b <= count; b++) {
      if (isCrossed(a, b)) continue;
      const [kept, merged] = [groups[a - 1]!, groups[b - 1]!];
      for (const [at, group] of groups.entries()) if (group === merged) groups[at] = kept;
    }
  }
  return groups;
};

/** What makes the link between two nodes whole, each way that is cut. */
export const mendsOf = (a: NodeId, b: NodeId, cuts: readonly Pair[]): readonly string[] =>
  cuts
    .filter(([from, to]) => (from === a && to === b) || (from === b && to === a))
    .map(([from, to]) => `mend ${from} to ${to}`);

export interface NewStory {
  readonly nodes: number;
  readonly spares: number;
  readonly seed: number;
  readonly isStepwise: boolean;
  readonly without: readonly string[];
}

/** A story in which a cluster starts, and nothing else. Where time runs messages take long enough to be seen. */
export const storyOf = ({ nodes, spares, seed, isStepwise, without }: NewStory): string =>
  [
    `title: A cluster of ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`,
    `nodes: ${nodes}`,
    ...(spares > 0 ? [`spares: ${spares}`] : []),
    `time: ${isStepwise ? 'held' : 'runs'}`,
    ...(without.length > 0 ? [`without: ${without.join(', ')}`] : []),
    `seed: ${seed}`,
    '',
    'start',
    ...(isStepwise ? [] : ['rates delay=8ms..16ms']),
    '',
  ].join('\n');

/** What a client's key or value must be written like to be one word of a directive; null: it cannot be. */
export const wordOf = (text: string): string | null => {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.includes('"') || /[\n\r]/.test(trimmed)) return null;
  return /\s/.test(trimmed) ? `"${trimmed}"` : trimmed;
};
