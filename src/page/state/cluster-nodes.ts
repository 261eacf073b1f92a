import { computed, signal } from '@preact/signals';
import { statesNamedBy, transitionsOf } from '../../statechart/read/model.ts';
import type { LiveNode } from '../data/live-node.ts';
import { type ClusterEvent, eventsSince, type KnownNodes, learn } from './cluster-events.ts';
import type { Source, Token } from './source.ts';

/** The nodes of a live cluster, as the poll of it reports them (`cluster.ts`). */
export const nodes = signal<readonly LiveNode[]>([]);
/** What is known of them, of those that no longer answer too. */
export const known = signal<KnownNodes>(new Map());

/** What happened since the page was opened, oldest first; the oldest go. */
export const happened = signal<readonly (ClusterEvent & { readonly at: Date })[]>([]);
const mostEvents = 500;

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
      // Where nothing is known any more, nothing is marked.
      if (!node.isReachable || sourceProblem.value !== null) return [];
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

/** Takes over a new report of all nodes, marks what they took since the last one, and writes down what has happened. */
export const report = (all: readonly LiveNode[], nowMs: number): void => {
  const next = stillRecent(nowMs);
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
        if (before === undefined ? !counted.has(label) : before === transition.count) continue;
        next.set(address, (next.get(address) ?? new Map()).set(label, nowMs));
      }
      counted.add(label);
    }
  }
  recent.value = next;
  const at = new Date();
  const events = eventsSince(known.peek(), all).map((event) => ({ ...event, at }));
  if (events.length > 0) happened.value = [...happened.peek(), ...events].slice(-mostEvents);
  known.value = learn(known.peek(), all);
  nodes.value = all;
};

/** Takes away the marks that are too old, whether or not anything is reported. */
export const forgetOld = (nowMs: number): void => {
  if (recent.peek().size > 0) recent.value = stillRecent(nowMs);
};

const stillRecent = (nowMs: number): Map<string, Map<string, number>> =>
  new Map(
    [...recent.peek()].flatMap(([address, takers]) => {
      const young = [...takers].filter(([, atMs]) => nowMs - atMs < recentMs);
      return young.length > 0 ? [[address, new Map(young)] as const] : [];
    }),
  );

/** The actors whose counts are known. */
const counted = new Set<string>();

const addressOf = (source: string, event: string, branch: number): string => `${source} ${event} ${branch}`;

export const leaders = computed(() =>
  nodes.value.flatMap((node) => (node.isReachable && node.status.role === 'leader' ? [node.status.id] : [])),
);
