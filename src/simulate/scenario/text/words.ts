import { messageTable } from '../../../raft/message-table.ts';
import type { Message } from '../../../raft/messages.ts';
import type { NodeId } from '../../../raft/types.ts';
import type { Selection } from '../stepwise-cluster.ts';
import { StoryUnusable } from '../story-unusable.ts';

/** The words of a directive, taken one after the other. Whatever is wrong with one throws `StoryUnusable`. */
export class Words {
  readonly #words: readonly string[];
  /** How many nodes there are, from 1 on. */
  readonly #nodes: number;
  #at = 0;

  /** Text in quotation marks is one word. */
  constructor(text: string, nodes: number) {
    const quotes = [...text.matchAll(/"/g)];
    if (quotes.length % 2 === 1) {
      throw new StoryUnusable(
        `the quotation mark in ${text.slice(quotes.at(-1)!.index)} is not closed: put another one after the text`,
      );
    }
    this.#words = (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
    this.#nodes = nodes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  /** The next word, which is taken later; empty: there is none. */
  get next(): string {
    return this.#words[this.#at] ?? '';
  }

  take(what: string): string {
    if (this.isAtEnd) throw new StoryUnusable(`${what} is missing`);
    return this.#words[this.#at++]!;
  }

  /** Takes the next word if it is this one. */
  takeIf(word: string): boolean {
    if (this.next !== word || this.isAtEnd) return false;
    this.#at++;
    return true;
  }

  expect(word: string): void {
    if (!this.takeIf(word)) throw new StoryUnusable(`expected "${word}"${this.#instead()}`);
  }

  oneOf<Word extends string>(words: readonly Word[], what: string): Word {
    const word = this.take(what);
    const found = words.find((each) => each === word);
    if (found === undefined) throw new StoryUnusable(`${what} is one of ${words.join(', ')}, not "${word}"`);
    return found;
  }

  number(what: string): number {
    return numberIn(this.take(what), what);
  }

  node(): NodeId {
    return this.#nodeIn(this.take('a node'));
  }

  /** Nodes up to something else. */
  nodes(): readonly NodeId[] {
    const ids: NodeId[] = [];
    while (/^\d/.test(this.next)) ids.push(this.node());
    return ids;
  }

  someNodes(): readonly NodeId[] {
    const ids = this.nodes();
    if (ids.length === 0) throw new StoryUnusable(`expected nodes, such as 1 2${this.#instead()}`);
    return ids;
  }

  /** Numbers up to something else. */
  numbers(what: string): readonly number[] {
    const numbers: number[] = [];
    while (/^\d/.test(this.next)) numbers.push(this.number(what));
    return numbers;
  }

  /** `none`: null. */
  nodeOrNone(): NodeId | null {
    return this.takeIf('none') ? null : this.node();
  }

  /** In milliseconds. */
  time(): number {
    return timeIn(this.take('a time, such as 100ms or 2s,'));
  }

  /** Above 0, such as 0.5. */
  factor(what: string): number {
    const word = this.take(what);
    const factor = /^\d{1,3}(\.\d{1,17})?$/.test(word) ? Number(word) : 0;
    if (factor >= 0.01 && factor <= 100) return factor;
    throw new StoryUnusable(`"${word}" is not ${what}: write a number from 0.01 to 100, such as 1.5`);
  }

  message(): Message['type'] {
    return this.oneOf(Object.keys(messageTable) as Message['type'][], 'a message');
  }

  /** `[from N] [to N] [TYPE] [first|last|nth K]`. */
  selection(): Selection {
    let selection: Selection = {};
    while (!this.isAtEnd && !this.next.includes('=')) {
      if (this.takeIf('from')) selection = { ...selection, from: this.node() };
      else if (this.takeIf('to')) selection = { ...selection, to: this.node() };
      else if (this.takeIf('first')) selection = { ...selection, nth: 1 };
      else if (this.takeIf('last')) selection = { ...selection, nth: -1 };
      else if (this.takeIf('nth')) {
        const nth = this.number('a number from 1 on');
        if (nth === 0) throw new StoryUnusable('messages are numbered from 1 on, the oldest first');
        selection = { ...selection, nth };
      } else selection = { ...selection, type: this.message() };
    }
    return selection;
  }

  /** All that is left, with a space between two words. */
  rest(what: string): string {
    if (this.isAtEnd) throw new StoryUnusable(`${what} is missing`);
    const rest = this.#words.slice(this.#at).join(' ');
    this.#at = this.#words.length;
    return rest;
  }

  end(): void {
    if (!this.isAtEnd) throw new StoryUnusable(`"${this.next}" is unexpected here: leave it out`);
  }

  #nodeIn(word: string): NodeId {
    const id = numberIn(word, 'a node');
    if (id >= 1 && id <= this.#nodes) return id;
    const known = this.#nodes === 1 ? 'only node 1' : `only 1 to ${this.#nodes}`;
    throw new StoryUnusable(`there is no node ${id}, ${known}; "nodes" and "spares" at the top set how many`);
  }

  #instead(): string {
    return this.isAtEnd ? '' : `, not "${this.next}"`;
  }
}

const most = 1_000_000;

export const numberIn = (word: string, what: string, limit: number = most): number => {
  if (!/^\d{1,9}$/.test(word) || Number(word) > limit) {
    throw new StoryUnusable(`"${word}" is not ${what}: write a whole number up to ${limit}`);
  }
  return Number(word);
};

/** From 0 to 1. */
export const percentIn = (word: string): number => {
  const percent = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(word)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
  throw new StoryUnusable(`"${word}" is not a percentage: write one such as 10%`);
};

const unitsMs = { ms: 1, s: 1000, m: 60_000 } as const;
const mostMs = 10 * 60_000;

export const timeIn = (word: string): number => {
  const [, amount, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(word) ?? [];
  const ms = Number(amount) * unitsMs[unit as keyof typeof unitsMs];
  if (!(ms <= mostMs)) {
    throw new StoryUnusable(`"${word}" is not a time: write one such as 100ms or 2s, of at most 10m`);
  }
  return ms;
};

/** `1ms..20ms`, or one time for both; in milliseconds. */
export const rangeIn = (word: string): readonly [number, number] => {
  const [min = '', max = min] = word.split('..');
  const range = [timeIn(min), timeIn(max)] as const;
  if (range[0] > range[1]) throw new StoryUnusable('the shorter time comes first, as in 1ms..20ms');
  return range;
};
