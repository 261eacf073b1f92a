import type { Evidence } from './grounds.ts';
import type { Item, Pair, Universe } from './universe.ts';

/**
 * What an enumeration proves about pairs whose second would have to follow within the step of the first. A world is small, so that a pair
 * was not seen proves something only where nothing was missing that the second needs.
 */
export class InStep {
  readonly #evidence: Evidence;
  readonly #notices: ReadonlySet<string>;
  /** By id, items that never were the last of their step, and that no notice followed: something eventless always does. */
  readonly #neverLast: ReadonlySet<string>;
  /** Branches, by id, with the notices that followed them in whatever state. */
  readonly #noticed = new Set<string>();
  /** Of each space, the branches and the events that were taken, in whatever state. */
  readonly #takenIn: readonly ReadonlySet<string>[];

  constructor({ items, pairs }: Universe, evidence: Evidence, notices: ReadonlySet<string>) {
    this.#evidence = evidence;
    this.#notices = notices;
    const noticing = new Set<Item>();
    for (const { id, first, second } of pairs) {
      if (!notices.has(second.event) || !evidence.pairs.has(id)) continue;
      noticing.add(first);
      this.#noticed.add(noticeOf(first, second));
    }
    this.#neverLast = new Set(
      items
        .filter((item) => evidence.taken.has(item.id) && !evidence.lasts.has(item.id) && !noticing.has(item))
        .map(({ id }) => id),
    );
    this.#takenIn = evidence.takenIn.map(
      (taken) =>
        new Set(
          items
            .filter(({ id }) => taken.has(id))
            .flatMap(({ event, transition }) => [event, ...(transition === null ? [] : [transition.id])]),
        ),
    );
  }

  /** Whether the second never comes right after the first; `doesRaise`: by form, the first raises an event. */
  excludes({ id, first, second }: Pair, doesRaise: boolean): boolean {
    const { isComplete, pairs, taken } = this.#evidence;
    if (!isComplete || pairs.has(id) || !taken.has(first.id) || !taken.has(second.id)) return false;
    if (this.#notices.has(second.event)) return this.#isSilent(first, second);
    // What comes after a notice may depend on more than a small world holds.
    if (this.#notices.has(first.event)) return false;
    // An eventless transition asks the state alone, and each state that the first led to was asked.
    if (second.event === '') return true;
    // What is raised must also bring the right event: a space that took the second has it.
    if (doesRaise) return this.#evidence.takenIn.some((each) => each.has(first.id) && each.has(second.id));
    return this.#neverLast.has(first.id);
  }

  /** A rule reads the context, not the state: what it noticed in no state at all, though there was something to notice, it never does. */
  #isSilent(first: Item, second: Item): boolean {
    if (this.#noticed.has(noticeOf(first, second))) return false;
    return this.#takenIn.some((each) => each.has(first.transition!.id) && each.has(second.event));
  }
}

const noticeOf = (first: Item, second: Item): string => `${first.transition!.id} → ${second.event}`;
