import { roleOf } from '../../node/roles.ts';
import { currentConfiguration } from '../../raft/configuration.ts';
import type { Entry, NodeId } from '../../raft/types.ts';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import type { Dispensable } from './chart-without.ts';
import { afterStep, type Environment, emptyEnvironment } from './environment.ts';
import { type NodeModel, testedNode } from './model-node.ts';
import type { ModelNode, ModelStep } from './modelled-node.ts';
import type { Bounds, Offer } from './offer.ts';
import { asSpoken, isSameButForTime, offersIn } from './offers.ts';
import type { PathEvent } from './path.ts';
import { relationsOf } from './relations.ts';

/** The node, and what is settled about its peers. */
export interface World {
  readonly node: ModelNode;
  readonly env: Environment;
  readonly depth: number;
  /** The first path here, which is a shortest one; null: the start. */
  readonly from: Edge | null;
  /** Nothing further is explored from here. */
  isLeaf: boolean;
  edges: readonly Edge[] | null;
}

/** One event in one world. */
export interface Edge {
  readonly from: World;
  readonly to: World;
  readonly event: PathEvent;
  readonly isHostile: boolean;
  readonly step: Pick<ModelStep, 'expect' | 'transitions'>;
  /** Numbers of the goals that this edge alone reaches. */
  readonly goals: readonly number[];
}

export interface Limits extends Bounds {
  readonly voters: readonly NodeId[];
  readonly disk: 'prompt' | 'slow';
  /** How many worlds are explored. */
  readonly maxWorlds: number;
  /** How many of one class, those reached first. */
  readonly maxAlike: number;
  /** In how many worlds to try an event whose relations to the node are not new. */
  readonly maxTries: number;
  /** What happens first, so that the search starts far from an empty log. */
  readonly prelude: readonly PathEvent[];
}

/** The worlds that one node can reach, breadth first. */
export class Worlds {
  readonly start: World;
  readonly limits: Limits;
  readonly model: NodeModel;
  readonly #goalsOf: (from: ModelNode, event: PathEvent, step: ModelStep) => readonly number[];
  readonly #known = new Map<string, World>();
  readonly #alike = new Map<string, number>();
  readonly #tries = new Map<string, number>();
  #played: readonly Edge[] | null = null;
  steps = 0;
  explored = 0;

  constructor(
    model: NodeModel,
    limits: Limits,
    goalsOf: (from: ModelNode, event: PathEvent, step: ModelStep) => readonly number[],
  ) {
    this.model = model;
    this.limits = limits;
    this.#goalsOf = goalsOf;
    const { node } = model.start();
    this.start = { node, env: emptyEnvironment, depth: 0, from: null, isLeaf: false, edges: null };
    this.#known.set(keyOf(node, emptyEnvironment), this.start);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Explores until the limits are reached; `onEdge` sees each edge once and says whether it leads to something new. */
  explore(onEdge: (edge: Edge) => boolean): void {
    // Worlds that are hard to reach are explored as if they were nearer.
    const begin = this.#begin(onEdge);
    const layers: World[][] = [[begin]];
    for (let at = 0; at < layers.length; at++) {
      const layer = layers[at] ?? [];
      for (let next = 0; next < layer.length; next++) {
        if (this.explored >= this.limits.maxWorlds) return;
        this.explored++;
        for (const edge of this.expand(layer[next]!)) {
          const isNew = onEdge(edge);
          const { to } = edge;
          if (to.from !== edge || to.isLeaf || !(this.#isRare(to) || isNew)) continue;
          const when = Math.max(at, to.depth - begin.depth + 4 - nearness(to.node));
          const then = layers[when];
          if (then === undefined) layers[when] = [to];
          else then.push(to);
        }
      }
    }
  }

  #begin(onEdge: (edge: Edge) => boolean): World {
    let world = this.start;
    for (const edge of this.prelude()) {
      onEdge(edge);
      world = edge.to;
    }
    return world;
  }

  /** The prelude, played step by step. Throws `PreludeImplausible` if no peers could have made it happen. */
  prelude(): readonly Edge[] {
    this.#played ??= this.#play();
    return this.#played;
  }

  #play(): readonly Edge[] {
    const { lacks, maxEntries, prelude, voters } = this.limits;
    const edges: Edge[] = [];
    let world = this.start;
    const offersOf = (wants: (offered: PathEvent) => boolean) =>
      [...offersIn(world.node, world.env, voters, this.limits, wants)].filter(({ event }) => wants(event));
    const play = (event: PathEvent): void => {
      const wants = (offered: PathEvent) => isSameButForTime(offered, event);
      for (;;) {
        const [exact] = offersOf(wants);
        // A leader that sends less at a time is answered more often.
        const offer =
          exact ??
          offersOf((each) => isPartOf(each, event))
            .sort(byMatch)
            .at(-1);
        if (offer === undefined) throw new PreludeImplausible(event, stateNameOf(world.node.snapshot));
        const edge = this.take(world, offer);
        // A part that gets it no further would be told for ever.
        if (offer !== exact && edge.to === world)
          throw new PreludeImplausible(event, stateNameOf(world.node.snapshot));
        edges.push(edge);
        world = edge.to;
        if (offer === exact || matchOf(offer.event) === matchOf(event)) return;
      }
    };
    for (const event of prelude.flatMap((each) => inMessages(each, maxEntries))) {
      if (isOfNoUse(event, lacks)) continue;
      const wasLeader = isLeading(world);
      play(event);
      // A command takes the place of the no-op, so that what follows finds the log as long as it should be.
      if (lacks.includes('noop') && isLeading(world) && !wasLeader) play(opensTerm);
    }
    return edges;
  }

  /** What can happen in this world; a leaf is expanded only on request. */
  expand(world: World, isInsisting = false): readonly Edge[] {
    if (world.edges !== null) return world.edges;
    if (world.isLeaf && !isInsisting) return [];
    const edges: Edge[] = [];
    const tried = new Set<string>();
    const { limits } = this;
    const wants = (event: PathEvent, isHostile: boolean): boolean =>
      this.#isNew(tried, this.#lookAt(world, event, isHostile));
    for (const offer of offersIn(world.node, world.env, limits.voters, limits, wants)) {
      const look = this.#lookAt(world, offer.event, offer.isHostile);
      if (!this.#isNew(tried, look)) continue;
      tried.add(look.place).add(look.exact);
      this.#tries.set(look.exact, (this.#tries.get(look.exact) ?? 0) + 1);
      edges.push(this.take(world, offer));
    }
    world.edges = edges;
    return edges;
  }

  take(world: World, { event: offered, isHostile, environment, isFault = false }: Offer): Edge {
    this.steps++;
    const event = asSpoken(offered, this.limits.lacks);
    const step = this.model.take(world.node, event);
    const env = afterStep(environment, step);
    const key = `${keyOf(step.node, env)}${isHostile ? (isFault ? '?' : '!') : ''}`;
    const known = this.#known.get(key);
    const edge = {
      from: world,
      event,
      isHostile,
      step: { expect: step.expect, transitions: step.transitions },
      goals: this.#goalsOf(world.node, event, step),
    } as { -readonly [Key in keyof Edge]: Edge[Key] };
    edge.to =
      known ??
      ({
        node: step.node,
        env,
        depth: world.depth + 1,
        from: edge,
        isLeaf: isHostile && !isFault && !this.limits.isThorough,
        edges: null,
      } as World);
    if (known === undefined) this.#known.set(key, edge.to);
    return edge;
  }

  /** Lets go of all worlds but those on paths that somebody holds: with those of every search, gigabytes. Nothing can be explored afterwards. */
  close(): void {
    for (const world of this.#known.values()) world.edges = null;
    this.#known.clear();
    this.#alike.clear();
    this.#tries.clear();
  }

  #lookAt({ node }: World, event: PathEvent, isHostile: boolean): Look {
    const { coarse, facets, isClose } = relationsOf(node.snapshot.context, event);
    const state = stateNameOf(node.snapshot);
    const role = isHostile ? state : topOf(state);
    const place = `${isHostile ? 'hostile ' : ''}${coarse}`;
    return { place, exact: `${role} ${place} ${facets.join(';')}`, isClose, isHostile };
  }

  /** One event of each kind in each world; in a few worlds, every event with different relations. */
  #isNew(tried: ReadonlySet<string>, { place, exact, isClose, isHostile }: Look): boolean {
    if (!tried.has(place) && (!isHostile || this.limits.isThorough)) return true;
    return (
      (isClose || isHostile) && !tried.has(exact) && (this.#tries.get(exact) ?? 0) < this.limits.maxTries
    );
  }

  #isRare(world: World): boolean {
    const key = kindOf(world);
    const count = this.#alike.get(key) ?? 0;
    this.#alike.set(key, count + 1);
    return count < this.limits.maxAlike;
  }
}

/** The chart does not get to where a search is to begin: no correct peer could say what would lead it there. One line. */
export class PreludeImplausible extends Error {
  override readonly name = 'PreludeImplausible';

  constructor(event: PathEvent, state: string) {
    super(
      `no paths can be generated from this chart: as ${state} it never gets to where correct peers would do this next: ${JSON.stringify(event)}`,
    );
  }
}

const matchOf = (event: PathEvent): number =>
  event.type === 'deliver' && event.message.type === 'AppendEntriesResponse' ? event.message.matchIndex : 0;

const byMatch = (a: Offer, b: Offer): number => matchOf(a.event) - matchOf(b.event);

/** Whether this acknowledges, for the first time, some of what `event` acknowledges. */
const isPartOf = (part: PathEvent, event: PathEvent): boolean => {
  if (part.type !== 'deliver' || event.type !== 'deliver') return false;
  const [a, b] = [part.message, event.message];
  return (
    a.type === 'AppendEntriesResponse' &&
    b.type === 'AppendEntriesResponse' &&
    a.success &&
    b.success &&
    a.from === b.from &&
    a.term === b.term &&
    a.prevLogIndex >= b.prevLogIndex &&
    a.prevLogIndex < a.matchIndex &&
    a.matchIndex <= b.matchIndex
  );
};

const opensTerm: PathEvent = { type: 'propose', commands: ['a'] };

const isLeading = ({ node }: World): boolean => roleOf(node.snapshot.value) === 'leader';

/** Whether a prelude goes on without this where the chart lacks what it is about. */
const isOfNoUse = (event: PathEvent, lacks: readonly Dispensable[]): boolean =>
  (lacks.includes('preVote') && event.type === 'deliver' && event.message.type === 'PreVoteResponse') ||
  (lacks.includes('leaderLease') && event.type === 'timeout' && event.timer === 'leaderLease');

/** An AppendEntries in as many messages as it takes. */
const inMessages = (event: PathEvent, maxEntries: number): readonly PathEvent[] => {
  if (event.type !== 'deliver' || event.message.type !== 'AppendEntries') return [event];
  const { message } = event;
  const { prevLogIndex, prevLogTerm, entries } = message;
  const count = Math.max(1, Math.ceil(entries.length / maxEntries));
  return Array.from({ length: count }, (_, nth): PathEvent => {
    const from = nth * maxEntries;
    const part = {
      prevLogIndex: prevLogIndex + from,
      prevLogTerm: from === 0 ? prevLogTerm : entries[from - 1]!.term,
      entries: entries.slice(from, from + maxEntries),
    };
    return { ...event, message: { ...message, ...part } };
  });
};

interface Look {
  readonly place: string;
  readonly exact: string;
  readonly isClose: boolean;
  readonly isHostile: boolean;
}

/** Everything that the future depends on. Payloads too, since later messages carry them. */
const keyOf = (node: ModelNode, env: Environment): string => {
  const { settings: _, randomState: _state, electionTimeoutMs: _ms, ...context } = node.snapshot.context;
  const writes = node.queue.map((each) =>
    each.type === 'send'
      ? each.message
      : 'entries' in each.write
        ? { ...each.write, entries: wordsOf(each.write.entries) }
        : each.write,
  );
  const { hardState, snapshot, log } = node.disk;
  const durable = node.queue.length === 0 ? 0 : [hardState, log.base, wordsOf(log.entries)];
  const { checked, committed, isSplit } = node;
  const parts = [wordsOf(node.log.entries), checked, committed, writes, snapshot, durable, isSplit, env];
  return JSON.stringify([node.snapshot.value, context, ...parts]);
};

const wordsOf = (entries: readonly Entry[]): readonly string[] => entries.map(wordsOfEntry);

/** Most entries of a world are those of the world before it. */
const knownWords = new WeakMap<Entry, string>();

const wordsOfEntry = (entry: Entry): string => {
  const known = knownWords.get(entry);
  if (known !== undefined) return known;
  const { term, kind, payload } = entry;
  const words = `${term} ${kind} ${payload}`;
  knownWords.set(entry, words);
  return words;
};

/** Fine enough to tell whether a lease holds. */
const leaseWindowMs = 120;

/** What makes worlds look alike to a search that wants a few of each kind. */
const kindOf = ({ node, env }: Pick<World, 'node' | 'env'>): string => {
  const { value, context } = node.snapshot;
  const { log, votedFor, currentTerm, commitIndex, progress } = context;
  const { reads, transferTarget, hasHandedOver, leaseStartMs, openRounds, snapshot, incoming } = context;
  const { voters, outgoing, learners } = currentConfiguration(context.configurations);
  const followers = Object.values(progress)
    .map((each) =>
      [each.state[0], log.lastIndex + 1 - each.nextIndex, each.matchIndex > 0, each.inflight.length].join(),
    )
    .sort();
  return [
    JSON.stringify(value),
    log.lastIndex,
    log.runs.length,
    (log.runs.at(-1)?.term ?? 0) === currentTerm,
    commitIndex === 0 ? 0 : Math.sign(commitIndex - log.lastIndex),
    votedFor === null ? 0 : votedFor === context.id ? 1 : 2,
    context.leaderId !== null,
    context.votesGranted.length,
    followers.join(';'),
    context.heardFrom.length,
    log.cuts.length,
    node.queue.length,
    env.leaders[currentTerm]?.id === null,
    Math.min(currentTerm, 2),
    reads.map(({ from, round }) => `${from === context.id} ${round > 0}`).join(),
    transferTarget !== null,
    hasHandedOver,
    leaseStartMs === null ? 0 : Math.min(2, Math.floor((env.nowMs - leaseStartMs) / leaseWindowMs)),
    openRounds.length > 0,
    env.forwarded.length > 0,
    log.snapshotIndex > 0,
    snapshot.index > log.snapshotIndex,
    incoming === null ? 0 : [incoming.offset, incoming.isComplete].join(),
    node.checked !== null,
    [voters, outgoing, learners].map((ids) => ids.length).join(),
    context.change === null ? 0 : Math.min(context.change.rounds, 2),
  ].join('|');
};

/** What determines which messages may arrive and what is waiting: much less than `kindOf`. */
export const circumstancesOf = ({ node, env }: World): string => {
  const { currentTerm: term, log, lastApplied } = node.snapshot.context;
  const flags = [
    env.preVotes[term + 1] !== undefined,
    env.campaigns[term] !== undefined,
    env.leaders[term]?.id === testedNode,
    env.leaders[term]?.id === null,
    node.queue.length > 0,
    node.isSplit,
    node.committed > lastApplied,
    term > 1,
    log.lastIndex > 0,
  ];
  return flags.map(Number).join('');
};

const nearness = ({ snapshot }: ModelNode): number => {
  const role = roleOf(snapshot.value);
  return role === 'leader' ? 4 : role === 'candidate' ? 2 : role === 'preCandidate' ? 1 : 0;
};
