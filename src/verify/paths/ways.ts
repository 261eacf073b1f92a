import type { Edge, World, Worlds } from './world.ts';

/** How far an extension looks for something not yet covered. */
const maxDetour = 3;

/** The first path to a world, including any prelude. */
export const wayTo = (world: World): readonly Edge[] => {
  const way: Edge[] = [];
  for (let edge = world.from; edge !== null; edge = edge.from.from) way.unshift(edge);
  return way;
};

/** The network delivers the same message once more. */
export const again = (worlds: Worlds, { event, isHostile, to }: Edge): Edge =>
  worlds.take(to, { event, isHostile, environment: to.env });

/** A restart, and a step that shows what was kept. */
export const witness = (worlds: Worlds, { to }: Edge): readonly Edge[] => {
  const restart = worlds.take(to, { event: { type: 'restart' }, isHostile: false, environment: to.env });
  const { currentTerm, votedFor, log } = restart.to.node.snapshot.context;
  const next = worlds.expand(restart.to);
  const ofTerm = (type: string) =>
    next.filter(
      ({ event }) =>
        event.type === 'deliver' && event.message.type === type && event.message.term === currentTerm,
    );
  const rival = ofTerm('RequestVote').find(
    ({ event }) => votedFor !== null && event.type === 'deliver' && event.message.from !== votedFor,
  );
  const append = ofTerm('AppendEntries').find(
    ({ event }) =>
      event.type === 'deliver' &&
      event.message.type === 'AppendEntries' &&
      event.message.prevLogIndex === log.lastIndex,
  );
  const timeout = next.find(({ event }) => event.type === 'timeout');
  const shown = rival ?? append ?? timeout;
  return shown === undefined ? [restart] : [restart, shown];
};

/** The shortest continuation to an edge with open goals; among equally near ones, that with the most. */
export const nearest = (
  worlds: Worlds,
  from: World,
  openOf: (before: Edge | undefined, edge: Edge) => number,
): readonly Edge[] | null => {
  let layer: { readonly world: World; readonly way: readonly Edge[] }[] = [{ world: from, way: [] }];
  const visited = new Set([from]);
  for (let detour = 0; detour < maxDetour; detour++) {
    let best: readonly Edge[] | null = null;
    let most = 0;
    const next: typeof layer = [];
    for (const { world, way } of layer) {
      // An unexplored world is expanded only here, where the path ends.
      const edges = detour === 0 ? worlds.expand(world) : (world.edges ?? []);
      for (const edge of edges) {
        const open = openOf(way.at(-1), edge);
        if (open > most) {
          most = open;
          best = [...way, edge];
        }
        if (visited.has(edge.to) || edge.to.isLeaf) continue;
        visited.add(edge.to);
        next.push({ world: edge.to, way: [...way, edge] });
      }
    }
    if (best !== null) return best;
    layer = next;
  }
  return null;
};
