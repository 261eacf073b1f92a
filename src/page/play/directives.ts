import type { NodeId } from '../../raft/types.ts';
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
