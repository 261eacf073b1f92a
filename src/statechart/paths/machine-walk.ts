import type { EventObject } from 'xstate';
import type { Walked } from '../coverage/walked.ts';
import type { Microstep } from './machine-steps.ts';
import { type Followed, followed, type MachineUniverse, pairsBetween } from './machine-universe.ts';

/** Collects what was walked of a machine, one life after another. */
export class MachineWalk {
  readonly #universe: MachineUniverse;
  readonly #items = new Map<string, number>();
  readonly #pairs = new Set<string>();
  #last: readonly string[] = [];

  constructor(universe: MachineUniverse) {
    this.#universe = universe;
  }

  /** A machine starts: nothing pairs up with what happened before. */
  begin(): void {
    this.#last = [];
  }

  /** A step that led to the state `after`. */
  add(taken: readonly Microstep[], after: string): void {
    this.addFollowed(followed(this.#universe, taken, after));
  }

  addFollowed({ items, first, last, pairs }: Followed): void {
    for (const item of items) this.#items.set(item, (this.#items.get(item) ?? 0) + 1);
    for (const pair of [...pairs, ...pairsBetween(this.#last, first, this.#universe.isPair)])
      this.#pairs.add(pair);
    if (last.length > 0) this.#last = last;
  }

  walked(): Walked {
    return { items: this.#items, pairs: this.#pairs, unknown: new Set() };
  }
}

/** An event in a few words: its type, and what it carries. */
export const eventWords = ({ type, ...payload }: EventObject): string => {
  const fields = Object.entries(payload).filter(([key, value]) => value !== undefined && key !== 'actorId');
  if (fields.length === 0) return type;
  const text = fields.map(([key, value]) => `${key}: ${valueWords(value)}`).join(', ');
  return `${type} (${text.length <= 60 ? text : `${text.slice(0, 59)}…`})`;
};

const valueWords = (value: unknown): string => {
  if (value instanceof Error) return value.message;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '…';
  }
};
