import { pairId, type Universe } from '../../statechart/coverage/universe.ts';
import type { Walked } from '../../statechart/coverage/walked.ts';
import { delayOfTimer } from '../../statechart/read/xstate-internals.ts';
import type { TimedEvent } from '../../trace/events.ts';
import type { Path, PathEvent } from '../paths/path.ts';

interface Taken {
  readonly id: string;
  readonly state: string;
  readonly event: string;
}

/** Collects what was walked: by paths, by traces and by simulations while they run. */
export class Coverage {
  readonly #universe: Universe;
  readonly #known: ReadonlySet<string>;
  readonly #pairs: ReadonlySet<string>;
  /** States in which eventless transitions are tried. */
  readonly #eventless: ReadonlySet<string>;
  readonly #items = new Map<string, number>();
  readonly #walkedPairs = new Set<string>();
  readonly #unknown = new Set<string>();
  /** By node of a trace: what it walked last, as items. */
  readonly #lastOf = new Map<number, readonly string[]>();

  constructor(universe: Universe) {
    this.#universe = universe;
    this.#known = new Set(universe.items.map(({ id }) => id));
    this.#pairs = new Set(universe.pairs.map(({ id }) => id));
    this.#eventless = new Set(universe.items.filter(({ event }) => event === '').map(({ state }) => state));
  }

  walked(): Walked {
    return { items: this.#items, pairs: this.#walkedPairs, unknown: this.#unknown };
  }

  addPath({ steps }: Path): void {
    let last: readonly string[] = [];
    let state: string | null = null;
    for (const { event, transitions, expect } of steps) {
      // A restart begins a new life: nothing pairs up across it.
      if (event.type === 'restart') last = [];
      last = this.#follow(last, transitions);
      if (state !== null)
        for (const item of this.#unanswered(event, transitions, state, expect.state)) this.#walk(item);
      state = expect.state;
      this.#rest(state);
    }
  }

  /** Takes an event of a simulation, or a line of its trace. Events that a chart ignored do not show up in it. */
  addTraceEvent(event: TimedEvent): void {
    if (event.type === 'started' || event.type === 'crashed') this.#lastOf.delete(event.node);
    if (event.type !== 'chart') return;
    this.#lastOf.set(event.node, this.#follow(this.#lastOf.get(event.node) ?? [], event.transitions));
    if (event.transitions.length > 0) this.#rest(event.after.state);
  }

  /** Walks transitions one after another; returns the last. */
  #follow(before: readonly string[], transitions: readonly Taken[]): readonly string[] {
    let last = before;
    for (const { state, event, id } of transitions) {
      const items = this.#universe.idsOf(state, event, id);
      for (const item of items) {
        this.#walk(item);
        for (const each of last) {
          const pair = pairId(each, item);
          if (this.#pairs.has(pair)) this.#walkedPairs.add(pair);
        }
      }
      last = items;
    }
    return last;
  }

  /** The chart has come to rest: no eventless transition is enabled. */
  #rest(state: string): void {
    if (!this.#universe.placesOf(state).some((place) => this.#eventless.has(place))) return;
    for (const item of this.#universe.idsOf(state, '', null)) this.#walk(item);
  }

  /** The items of an event that took no transition: of the event itself, or of the message that it raised. */
  #unanswered(
    event: PathEvent,
    transitions: readonly Taken[],
    before: string,
    after: string,
  ): readonly string[] {
    const type = typeOf(event, before, this.#universe);
    if (type === null) return [];
    if (transitions.length === 0) return this.#universe.idsOf(before, type, null);
    if (event.type !== 'deliver') return [];
    const last = transitions.at(-1)!;
    const [walked] = this.#universe.idsOf(last.state, last.event, last.id);
    const model = this.#universe.items.find(({ id }) => id === walked);
    const raises = model?.transition?.actions.some((action) => action.raises !== null) ?? false;
    return raises ? this.#universe.idsOf(after, event.message.type, null) : [];
  }

  #walk(item: string): void {
    if (!this.#known.has(item)) this.#unknown.add(item);
    else this.#items.set(item, (this.#items.get(item) ?? 0) + 1);
  }
}

/** The chart event that a path's event stands for; null for what happens outside the chart. */
const typeOf = (event: PathEvent, state: string, { items, placesOf }: Universe): string | null => {
  const places = placesOf(state);
  switch (event.type) {
    case 'deliver':
      return 'Received';
    case 'propose':
      return 'Proposed';
    case 'timeout': {
      const armed = items.find(
        (item) => places.includes(item.state) && item.isArmed && delayOfTimer(item.event) === event.timer,
      );
      return armed?.event ?? null;
    }
    default:
      return null;
  }
};
