import { itemId, pairId, type Universe } from '../../statechart/coverage/universe.ts';
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
  /** By node of a trace: the item that it walked last. */
  readonly #lastOf = new Map<number, string>();

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
    let last: string | null = null;
    let state: string | null = null;
    for (const { event, transitions, expect } of steps) {
      // A restart begins a new life: nothing pairs up across it.
      if (event.type === 'restart') last = null;
      last = this.#follow(last, transitions);
      const unanswered = state === null ? null : this.#unanswered(event, transitions, state, expect.state);
      if (unanswered !== null) this.#walk(unanswered);
      state = expect.state;
      this.#rest(state);
    }
  }

  /** Takes an event of a simulation, or a line of its trace. Events that a chart ignored do not show up in it. */
  addTraceEvent(event: TimedEvent): void {
    if (event.type === 'started' || event.type === 'crashed') this.#lastOf.delete(event.node);
    if (event.type !== 'chart') return;
    const last = this.#follow(this.#lastOf.get(event.node) ?? null, event.transitions);
    if (last !== null) this.#lastOf.set(event.node, last);
    if (event.transitions.length > 0) this.#rest(event.after.state);
  }

  /** Walks transitions one after another; returns the last. */
  #follow(before: string | null, transitions: readonly Taken[]): string | null {
    let last = before;
    for (const { state, event, id } of transitions) {
      const item = itemId(state, event, id);
      this.#walk(item);
      if (last !== null) {
        const pair = pairId(last, item);
        if (this.#pairs.has(pair)) this.#walkedPairs.add(pair);
      }
      last = item;
    }
    return last;
  }

  /** The chart has come to rest: no eventless transition is enabled. */
  #rest(state: string): void {
    if (this.#eventless.has(state)) this.#walk(itemId(state, '', null));
  }

  /** The item of an event that took no transition: of the event itself, or of the message that it raised. */
  #unanswered(event: PathEvent, transitions: readonly Taken[], before: string, after: string): string | null {
    const type = typeOf(event, before, this.#universe);
    if (type === null) return null;
    if (transitions.length === 0) return itemId(before, type, null);
    if (event.type !== 'deliver') return null;
    const last = transitions.at(-1)!;
    const model = this.#universe.items.find(({ id }) => id === itemId(last.state, last.event, last.id));
    const raises = model?.transition?.actions.some((action) => action.raises !== null) ?? false;
    return raises ? itemId(after, event.message.type, null) : null;
  }

  #walk(item: string): void {
    if (!this.#known.has(item)) this.#unknown.add(item);
    else this.#items.set(item, (this.#items.get(item) ?? 0) + 1);
  }
}

/** The chart event that a path's event stands for; null for what happens outside the chart. */
const typeOf = (event: PathEvent, state: string, { items }: Universe): string | null => {
  switch (event.type) {
    case 'deliver':
      return 'Received';
    case 'propose':
      return 'Proposed';
    case 'timeout': {
      const armed = items.find(
        (item) => item.state === state && item.isArmed && delayOfTimer(item.event) === event.timer,
      );
      return armed?.event ?? null;
    }
    default:
      return null;
  }
};
