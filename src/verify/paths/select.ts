import { isDeepStrictEqual } from 'node:util';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import { type Goals, outlineOf, titleOf } from './goals.ts';
import { type HiddenChange, hiddenChangesOf, showing, stepUnseen } from './observe.ts';
import type { PathTransition } from './path.ts';
import { again, nearest, wayTo, witness } from './ways.ts';
import { circumstancesOf, type Edge, type World, type Worlds } from './world.ts';

/** A path before it is written out. */
export interface Draft {
  readonly worlds: Worlds;
  readonly edges: readonly Edge[];
  /** The goal it was begun for. */
  readonly reason: number;
}

const maxSteps = 12;
/** How many places after each transition are searched for pairs. */
const maxPlaces = 12;

/** In how many searches to look for what shows a hidden change, which may be none. */
const maxFailures = 2;

/** Chooses a small set of short paths that reach every goal seen: a shortest path to each, longer ones first. */
export class Selection {
  readonly #goals: Goals;
  readonly #isWithPairs: boolean;
  /** The first edge that reaches a goal by itself, or starts the steps that do. */
  readonly #reached = new Map<
    number,
    { readonly worlds: Worlds; readonly edge: Edge; readonly before?: Edge }
  >();
  readonly #counts = new Map<number, number>();
  /** In how many searches nothing showed what a goal asks for. */
  readonly #failures = new Map<number, number>();
  readonly #shown = new Map<Edge, Map<Edge, readonly number[]>>();
  /** Stories by their last edges. */
  readonly #stories = new Map<Edge, number>();
  drafts: Draft[] = [];

  constructor(goals: Goals, isWithPairs: boolean) {
    this.#goals = goals;
    this.#isWithPairs = isWithPairs;
  }

  covered(goal: number): boolean {
    return (this.#counts.get(goal) ?? 0) > 0;
  }

  /** Explores, and covers what these worlds reach and no earlier ones did. */
  cover(worlds: Worlds): void {
    const found: number[] = [];
    const note = (goal: number, edge: Edge, before?: Edge): boolean => {
      if (this.#reached.has(goal) || (this.#failures.get(goal) ?? 0) >= maxFailures) return false;
      this.#reached.set(goal, { worlds, edge, ...(before === undefined ? {} : { before }) });
      found.push(goal);
      return true;
    };
    // One path into a world for each transition that can be the last on the way there.
    const waysIn = new Map<World, Edge[]>();
    const remember = (edge: Edge): void => {
      const known = waysIn.get(edge.to) ?? [];
      waysIn.set(edge.to, known);
      const last = placeOf(edge.step.transitions.at(-1));
      if (known.every((each) => placeOf(each.step.transitions.at(-1)) !== last)) known.push(edge);
    };
    // The last transitions of steps, each with a few edges that lead to different places.
    const firsts = new Map<string, Map<string, Edge>>();
    worlds.explore((edge) => {
      let isNew = false;
      for (const goal of edge.goals) isNew = note(goal, edge) || isNew;
      if (this.#isWithPairs) {
        for (const goal of this.#pairsWithin(edge)) note(goal, edge);
        for (const before of waysIn.get(edge.from) ?? []) {
          const goal = this.#pairAcross(before, edge);
          if (goal !== null) note(goal, edge, before);
        }
        remember(edge);
        for (const after of edge.to.edges ?? []) {
          const goal = this.#pairAcross(edge, after);
          if (goal !== null) note(goal, after, edge);
        }
        const first = placeOf(edge.step.transitions.at(-1));
        const places = firsts.get(first) ?? new Map<string, Edge>();
        const place = circumstancesOf(edge.to);
        if (places.size < maxPlaces && !places.has(place)) places.set(place, edge);
        firsts.set(first, places);
      }
      if (edge.isHostile) return isNew;
      if (edge.event.type === 'deliver') note(this.#twice(edge), edge);
      if (edge.event.type === 'restart') return isNew;
      if (changesDisk(edge)) note(this.#kept(edge), edge);
      for (const change of hiddenChangesOf(edge)) note(this.#seen(edge, change), edge);
      return isNew;
    });
    for (const [first, places] of firsts) {
      if (first === '') continue;
      for (const edge of places.values()) {
        for (const after of worlds.expand(edge.to, true)) {
          const goal = this.#pairAcross(edge, after);
          if (goal !== null) note(goal, after, edge);
        }
      }
    }
    const depth = (goal: number): number => this.#reached.get(goal)!.edge.from.depth;
    for (const goal of found.toSorted((a, b) => depth(b) - depth(a) || a - b)) {
      if (this.covered(goal)) continue;
      const way = this.#pathTo(worlds, goal);
      if (way === null) {
        this.#reached.delete(goal);
        this.#failures.set(goal, (this.#failures.get(goal) ?? 0) + 1);
        continue;
      }
      const draft = { worlds, edges: this.#extend(worlds, way), reason: goal };
      this.drafts.push(draft);
      this.#count(draft, 1);
    }
    worlds.close();
  }

  /** Adds the prelude of these worlds as a path of its own. */
  tell(title: string, worlds: Worlds): void {
    const edges = worlds.prelude();
    const reason = this.#goals.number('story', title, () => title);
    this.#stories.set(edges.at(-1)!, reason);
    this.drafts.push({ worlds, edges, reason });
  }

  /** Drops paths, and tails of paths, that add nothing. */
  reduce(): void {
    this.#counts.clear();
    for (const draft of this.drafts) this.#count(draft, 1);
    const kept: Draft[] = [];
    // Those that ask more of a node go first: what others show as well is not to depend on what not every node has.
    const order = (a: Draft, b: Draft) =>
      demandsOf(b.worlds) - demandsOf(a.worlds) || a.edges.length - b.edges.length;
    for (const draft of this.drafts.toSorted(order)) {
      this.#count(draft, -1);
      const edges = this.#trimmed(draft);
      if (edges.length === 0) continue;
      this.#count({ ...draft, edges }, 1);
      kept.push({ ...draft, edges });
    }
    this.drafts = kept;
  }

  /** All goals that a path reaches, in order and without repetition. */
  goalsOf({ worlds, edges }: Pick<Draft, 'worlds' | 'edges'>): readonly number[] {
    const goals = new Set<number>();
    let story: number | undefined;
    for (const [at, edge] of edges.entries()) {
      for (const goal of edge.goals) goals.add(goal);
      story ??= this.#stories.get(edge);
      if (this.#isWithPairs) for (const goal of this.#pairsWithin(edge)) goals.add(goal);
      const before = edges[at - 1];
      if (before === undefined) continue;
      const pair = this.#isWithPairs ? this.#pairAcross(before, edge) : null;
      if (pair !== null) goals.add(pair);
      if (isAgain(before, edge)) goals.add(this.#twice(before));
      const first = edges[at - 2];
      if (first !== undefined && before.event.type === 'restart' && changesDisk(first)) {
        goals.add(this.#kept(first));
      }
      for (const goal of this.#shownBy(worlds, before, edge, null)) goals.add(goal);
      if (first !== undefined) for (const goal of this.#shownBy(worlds, first, before, edge)) goals.add(goal);
    }
    const reached = [...goals].filter((goal) => this.#reached.has(goal));
    return story === undefined ? reached : [...reached, story];
  }

  #pathTo(worlds: Worlds, goal: number): readonly Edge[] | null {
    const { edge, before } = this.#reached.get(goal)!;
    const edges = before === undefined ? [...wayTo(edge.from), edge] : [...wayTo(before.from), before, edge];
    switch (this.#goals.get(goal).kind) {
      case 'twice':
        return [...edges, again(worlds, edge)];
      case 'kept':
        return [...edges, ...witness(worlds, edge)];
      case 'seen': {
        const change = hiddenChangesOf(edge).find((each) => this.#seen(edge, each) === goal)!;
        const shown = showing(worlds, edge.to, change);
        return shown === null ? null : [...edges, ...shown];
      }
      default:
        return edges;
    }
  }

  #extend(worlds: Worlds, begun: readonly Edge[]): readonly Edge[] {
    let edges = begun;
    const have = new Set(this.goalsOf({ worlds, edges }));
    const isOpen = (goal: number): boolean =>
      !this.covered(goal) && !have.has(goal) && this.#reached.has(goal);
    for (;;) {
      const last = edges.at(-1)!;
      if (last.to.isLeaf) return edges;
      let more: readonly Edge[] | null = null;
      if (last.event.type === 'deliver' && isOpen(this.#twice(last))) more = [again(worlds, last)];
      else if (changesDisk(last) && last.event.type !== 'restart' && isOpen(this.#kept(last))) {
        more = witness(worlds, last);
      }
      more ??= nearest(worlds, last.to, (before, edge) => {
        const pair = this.#isWithPairs ? this.#pairAcross(before ?? last, edge) : null;
        return edge.goals.filter(isOpen).length + (pair !== null && isOpen(pair) ? 1 : 0);
      });
      if (more === null || edges.length + more.length > maxSteps) return edges;
      edges = [...edges, ...more];
      for (const goal of this.goalsOf({ worlds, edges })) have.add(goal);
    }
  }

  #trimmed({ worlds, edges }: Draft): readonly Edge[] {
    for (let end = edges.length; end > 0; end--) {
      const without = new Set(this.goalsOf({ worlds, edges: edges.slice(0, end - 1) }));
      const isNeeded = this.goalsOf({ worlds, edges: edges.slice(0, end) }).some(
        (goal) => !without.has(goal) && !this.covered(goal),
      );
      if (isNeeded) return edges.slice(0, end);
    }
    return [];
  }

  #count(draft: Draft, by: 1 | -1): void {
    for (const goal of this.goalsOf(draft)) this.#counts.set(goal, (this.#counts.get(goal) ?? 0) + by);
  }

  #twice(edge: Edge): number {
    return this.#goals.number(
      'twice',
      outlineWithRole(edge),
      () => `${titleOf(edge.step.transitions)}: the same message once more`,
    );
  }

  #seen(edge: Edge, { field }: HiddenChange): number {
    const place = outlineOf(edge.step.transitions).split(' ').at(-1)!;
    return this.#goals.number(
      'seen',
      `${place} ${field}`,
      () => `${titleOf(edge.step.transitions)}: its mark on ${field} shows`,
    );
  }

  /** Which hidden changes made by the first edge the second or third reveals. */
  #shownBy(worlds: Worlds, edge: Edge, second: Edge, third: Edge | null): readonly number[] {
    const key = third ?? second;
    let known = this.#shown.get(key);
    if (known === undefined) {
      known = new Map();
      this.#shown.set(key, known);
    }
    const cached = known.get(edge);
    if (cached !== undefined) return cached;
    const shown: number[] = [];
    if (edge.event.type !== 'restart' && !edge.isHostile) {
      for (const change of hiddenChangesOf(edge)) {
        const goal = this.#seen(edge, change);
        if (!this.#reached.has(goal)) continue;
        const on = stepUnseen(worlds, change.undone(), second.event, second.step.expect);
        if (
          third === null
            ? on === null
            : on !== null && stepUnseen(worlds, on, third.event, third.step.expect) === null
        ) {
          shown.push(goal);
        }
      }
    }
    known.set(edge, shown);
    return shown;
  }

  #pairsWithin({ step: { transitions } }: Edge): readonly number[] {
    return transitions.slice(1).map((second, at) => this.#pair(transitions[at]!, second));
  }

  #pairAcross(before: Edge, edge: Edge): number | null {
    const first = before.step.transitions.at(-1);
    const second = edge.step.transitions[0];
    return first === undefined || second === undefined ? null : this.#pair(first, second);
  }

  #pair(first: PathTransition, second: PathTransition): number {
    const words = () => `${titleOf([first])}, then ${titleOf([second])}`;
    return this.#goals.number('pair', `${placeOf(first)} ${placeOf(second)}`, words);
  }

  #kept(edge: Edge): number {
    return this.#goals.number(
      'kept',
      outlineWithRole(edge),
      () => `${titleOf(edge.step.transitions)}: a restart right behind`,
    );
  }
}

const placeOf = (transition: PathTransition | undefined): string =>
  transition === undefined ? '' : `${transition.state} ${transition.id}`;

const outlineWithRole = ({ from, step }: Edge): string => {
  const [first] = step.transitions;
  const state = first === undefined ? stateNameOf(from.node.snapshot) : topOf(first.state);
  return `${state} ${outlineOf(step.transitions)}`;
};

export const isAgain = (before: Edge, edge: Edge): boolean =>
  edge.event.type === 'deliver' && isDeepStrictEqual(before.event, edge.event);

/** Whether a restart would find something else. With a split queue a disk may keep more than the model knows. */
const changesDisk = ({ from, to }: Edge): boolean => from.node.disk !== to.node.disk && !to.node.isSplit;

/** How much a node must have beyond Figure 2 for its peers and clients to ask for what happens in these worlds. */
const demandsOf = ({ limits: { asks, isTimed, snapshots, members } }: Worlds): number =>
  [asks === 'everything', isTimed, snapshots, members].filter(Boolean).length;
