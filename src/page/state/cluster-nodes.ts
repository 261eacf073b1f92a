import { computed, signal } from '@preact/signals';
import { statesNamedBy, transitionsOf } from '../../statechart/read/model.ts';
import type { LiveNode } from '../data/live-node.ts';
import type { Source, Token } from './source.ts';

/** The nodes of a live cluster, as the poll of it reports them (`cluster.ts`). */
export const nodes = signal<readonly LiveNode[]>([]);
/** Why no news arrives, for people; null while it does. */
export const sourceProblem = signal<string | null>(null);

/** Which actors of a node run the chart with this id. */
const runs: Readonly<Record<string, (actor: string) => boolean>> = {
  raft: (actor) => actor === 'raft',
  logWriter: (actor) => actor === 'logWriter',
  peerLink: (actor) => actor.startsWith('link.'),
};

export const clusterNodes: Source = {
  tokensOn: ({ chart: { id: chartId, root } }) =>
    nodes.value.flatMap((node): readonly Token[] => {
      if (!node.isReachable) return [];
      const { id } = node.status;
      return node.charts
        .filter(({ actor }) => runs[chartId]?.(actor) ?? false)
        .map(({ actor, value }) => ({ label: labelOf(id, actor), states: statesNamedBy(root, value) }));
    }),
  takenOn: ({ chart }) =>
    new Map(
      transitionsOf(chart).flatMap(({ id, source, eventType, branch }) => {
        const taken = recent.value.get(addressOf(source, eventType, branch));
        return taken === undefined ? [] : [[id, [...taken.keys()].toSorted()] as const];
      }),
    ),
};

const labelOf = (id: number, actor: string): string =>
  actor.startsWith('link.') ? `${id}→${actor.slice('link.'.length)}` : `${id}`;

/** How long a transition stays marked after it was taken. */
const recentMs = 1200;

/** By the address of a transition, `source event branch`: who took it a moment ago, and when. */
const recent = signal<ReadonlyMap<string, ReadonlyMap<string, number>>>(new Map());

const counts = new Map<string, number>();

/** Takes over a new report of all nodes, and marks what they took since the last one. */
export const report = (all: readonly LiveNode[], nowMs: number): void => {
  const next = new Map<string, Map<string, number>>();
  for (const [address, takers] of recent.peek()) {
    const young = [...takers].filter(([, atMs]) => nowMs - atMs < recentMs);
    if (young.length > 0) next.set(address, new Map(young));
  }
  for (const node of all) {
    if (!node.isReachable) continue;
    for (const { actor, taken } of node.charts) {
      const label = labelOf(node.status.id, actor);
      for (const transition of taken) {
        const address = addressOf(transition.source, transition.event, transition.branch);
        const key = `${label} ${address}`;
        const before = counts.get(key);
        counts.set(key, transition.count);
        // The first report of a node only says where the counts stand; fewer than before: it was started again.
        if (before === undefined ? !known.has(label) : before === transition.count) continue;
        next.set(address, (next.get(address) ?? new Map()).set(label, nowMs));
      }
      known.add(label);
    }
  }
  recent.value = next;
  nodes.value = all;
};

const known = new Set<string>();

const addressOf = (source: string, event: string, branch: number): string => `${source} ${event} ${branch}`;

export const leaders = computed(() =>
  nodes.value.flatMap((node) => (node.isReachable && node.status.role === 'leader' ? [node.status.id] : [])),
);
