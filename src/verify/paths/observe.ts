import { isDeepStrictEqual } from 'node:util';
import type { RaftContext } from '../../raft/context.ts';
import type { ModelNode } from './modelled-node.ts';
import type { Expectation, PathEvent } from './path.ts';
import type { Edge, World, Worlds } from './world.ts';

/** Fields that no expectation shows: only the node's later behaviour reveals them. */
const hiddenFields = [
  'leaderId',
  'votesGranted',
  'durableIndex',
  'heardFrom',
  'checkedIndex',
  'checkedRound',
  'round',
  'reads',
  'leaseStartMs',
  'transferTarget',
  'hasHandedOver',
  'incoming',
  'cuts',
] as const;
const followerFields = ['state', 'nextIndex', 'matchIndex', 'round', 'inflight'] as const;

/** Fields that show in nothing but reads, and so only where some wait, or go by leases. */
const isShownByReads = (field: string): boolean => field === 'round' || field === 'hasHandedOver';

/** A hidden change that a step made, and the node as if it had not been made. */
export interface HiddenChange {
  readonly field: string;
  readonly undone: () => ModelNode;
}

/** The changes of an edge that its own expectation does not show. */
export const hiddenChangesOf = ({ from, to }: Edge): readonly HiddenChange[] => {
  const before = from.node.snapshot.context;
  const after = to.node.snapshot.context;
  if (before === after) return [];
  const changes: HiddenChange[] = [];
  const add = (field: string, undo: Partial<RaftContext>): void => {
    changes.push({ field, undone: () => withContext(to.node, { ...after, ...undo }) });
  };
  const { reads, settings } = after;
  const isReading = reads.length + before.reads.length > 0 || settings.leaseReads;
  for (const field of hiddenFields) {
    if (!isReading && isShownByReads(field)) continue;
    if (field === 'cuts') {
      const { cuts, tailBytes } = before.log;
      if (before.log.lastIndex === after.log.lastIndex && after.log.tailBytes === tailBytes) continue;
      add(field, {
        log: { ...after.log, cuts: cuts.filter((cut) => cut <= after.log.lastIndex), tailBytes },
      });
    } else if (!isDeepStrictEqual(before[field], after[field])) {
      add(field, { [field]: before[field] });
    }
  }
  const { runs } = before.log;
  if (runs !== after.log.runs && before.log.snapshotIndex === after.log.snapshotIndex) {
    const isAdded = runs.every((run, at) => isDeepStrictEqual(run, after.log.runs[at]));
    if (!isAdded || runs.length < after.log.runs.length) {
      add(isAdded ? 'the terms of the log' : 'the terms that were replaced', { log: { ...after.log, runs } });
    }
  }
  for (const [peer, progress] of Object.entries(after.progress)) {
    const old = before.progress[Number(peer)];
    if (old === undefined || old === progress) continue;
    for (const field of followerFields) {
      if (isDeepStrictEqual(old[field], progress[field])) continue;
      if (!isReading && isShownByReads(field)) continue;
      add(field, { progress: { ...after.progress, [peer]: { ...progress, [field]: old[field] } } });
    }
  }
  return changes;
};

const withContext = (node: ModelNode, context: RaftContext): ModelNode => ({
  ...node,
  snapshot: { ...node.snapshot, context },
});

/** Where an event takes a node with a hidden difference; null: the difference shows, because the node does something else. */
export const stepUnseen = (
  worlds: Worlds,
  node: ModelNode,
  event: PathEvent,
  expected: Expectation,
): ModelNode | null => {
  try {
    const step = worlds.model.take(node, event);
    return isDeepStrictEqual(step.expect, expected) ? step.node : null;
  } catch {
    return null;
  }
};

/** How many steps the search for a visible difference may take. */
const patience = 400;

/** The shortest continuation that shows whether the change was made; null: there is none nearby. */
export const showing = (worlds: Worlds, world: World, { undone }: HiddenChange): readonly Edge[] | null => {
  let layer: { readonly world: World; readonly shadow: ModelNode; readonly way: readonly Edge[] }[] = [
    { world, shadow: undone(), way: [] },
  ];
  let steps = 0;
  const visited = new Set([world]);
  while (layer.length > 0) {
    const next: typeof layer = [];
    for (const { world: at, shadow, way } of layer) {
      for (const edge of worlds.expand(at)) {
        if (edge.isHostile || edge.event.type === 'restart') continue;
        if (++steps > patience) return null;
        const on = stepUnseen(worlds, shadow, edge.event, edge.step.expect);
        if (on === null) return [...way, edge];
        if (visited.has(edge.to) || way.length > 0) continue;
        visited.add(edge.to);
        next.push({ world: edge.to, shadow: on, way: [...way, edge] });
      }
    }
    layer = next;
  }
  return null;
};
