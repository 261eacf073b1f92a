import type { Message } from '../../../raft/messages.ts';
import type { Canonical } from '../canonical.ts';
import { GrowingArray } from '../growing-array.ts';
import type { StateFields } from '../packing.ts';
import type { RenamedValues } from '../renamed.ts';
import { TupleMap } from '../tuple-map.ts';
import { Bits } from './bits.ts';

/**
 * The states that were found, except those that an earlier one covers: the same nodes, history and budget left, and all messages
 * that this one has, or more. With `givesUp`, a state is also dropped once a later one covers it.
 */
export class EverSentStates {
  readonly #canonical: Canonical;
  readonly #messages: RenamedValues<Message>;
  readonly #width: number;
  /** What all states of a key share, and the list of them: the newest state, which links to the older ones. */
  readonly #keys: TupleMap;
  readonly #newest = new GrowingArray();
  /** For each state: the next older one with the same key, counted from 1; 0: none. */
  readonly #older = new GrowingArray();
  readonly #parents = new GrowingArray();
  readonly #covered = new GrowingArray();
  readonly #fields = new GrowingArray();
  /** For each state: where its messages begin. */
  readonly #begins = new GrowingArray();
  #bags = new Uint32Array(1 << 12);
  #count = 0;
  #wordCount = 0;
  readonly #images: Bits[] = [];
  readonly #givesUp: boolean;

  constructor(width: number, canonical: Canonical, messages: RenamedValues<Message>, givesUp: boolean) {
    this.#width = width;
    this.#givesUp = givesUp;
    this.#canonical = canonical;
    this.#messages = messages;
    this.#keys = new TupleMap(width);
  }

  get count(): number {
    return this.#count;
  }

  /** Distinct nodes, histories and budget left. */
  get keys(): number {
    return this.#keys.size;
  }

  get bytes(): number {
    const lists = [this.#newest, this.#older, this.#parents, this.#covered, this.#fields, this.#begins];
    return this.#keys.bytes + this.#bags.byteLength + lists.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Position of the permutation that maps the state last looked up to its image. */
  get permutation(): number {
    return this.#canonical.permutation;
  }

  /** Adds a state as a child of `parent`, unless an existing one covers it; returns whether it was added. */
  add(fields: StateFields, bag: Bits, parent: number): boolean {
    const key = this.#canonical.of(fields);
    const ties = this.#canonical.ties;
    for (const [at, permutation] of ties.entries()) this.#imageOf(bag, permutation, at);
    const list = this.#listOf(key);
    for (let state = this.#newest.get(list); state !== 0; state = this.#older.get(state - 1)) {
      for (let at = 0; at < ties.length; at++) if (this.#covers(state - 1, this.#images[at]!)) return false;
    }
    if (this.#givesUp) this.#giveUp(list, ties.length);
    this.#push(key, this.#images[0]!, parent);
    this.#hang(list);
    return true;
  }

  /** The number of a state's key; −1 if there is none yet. */
  keyOf(fields: StateFields): number {
    return this.#keys.get(this.#canonical.of(fields));
  }

  /** A state with the key of that number. */
  stateOf(key: number): number {
    return this.#newest.get(key) - 1;
  }

  /** Whether this is the image of the state with that number. */
  is(number: number, fields: StateFields, bag: Bits): boolean {
    const key = this.#canonical.of(fields);
    for (let at = 0; at < this.#width; at++) {
      if (this.#fields.get(number * this.#width + at) !== key[at]) return false;
    }
    this.#imageOf(bag, this.#canonical.permutation, 0);
    return this.#covers(number, this.#images[0]!) && this.#isCoveredBy(number, this.#images[0]!);
  }

  read(number: number, fields: StateFields, bag: Bits): void {
    for (let at = 0; at < this.#width; at++) fields[at] = this.#fields.get(number * this.#width + at);
    bag.clear();
    const from = this.#begins.get(number);
    const end = this.#begins.get(number + 1);
    for (let word = from; word < end; word++) {
      for (let bits = this.#bags[word]!; bits !== 0; bits &= bits - 1) {
        bag.add((word - from) * 32 + 31 - Math.clz32(bits & -bits));
      }
    }
  }

  /** The image of a state under one permutation. */
  renamed(
    fields: StateFields,
    bag: Bits,
    permutation: number,
  ): { readonly state: StateFields; readonly bag: Bits } {
    this.#imageOf(bag, permutation, 0);
    return { state: this.#canonical.renamed(fields, permutation), bag: this.#images[0]!.copy() };
  }

  parentOf(number: number): number {
    return this.#parents.get(number);
  }

  /** A state that was added later covers it. */
  isCovered(number: number): boolean {
    return this.#covered.get(number) !== 0;
  }

  /** For a file: each state's fields, its messages, its parent, and whether a later one covers it. */
  save(): Readonly<Record<'fields' | 'begins' | 'bags' | 'parents' | 'covered', Int32Array | Uint32Array>> {
    return {
      fields: this.#fields.slice(this.#count * this.#width),
      begins: this.#begins.slice(this.#count + 1),
      bags: this.#bags.slice(0, this.#wordCount),
      parents: this.#parents.slice(this.#count),
      covered: this.#covered.slice(this.#count),
    };
  }

  /** Replaces its contents with what `save` wrote. */
  restore({
    fields,
    begins,
    bags,
    parents,
    covered,
  }: Readonly<Record<string, Int32Array | Uint32Array>>): void {
    const bag = new Bits();
    const key = new Int32Array(this.#width);
    for (let number = 0; number < parents!.length; number++) {
      key.set(fields!.subarray(number * this.#width, (number + 1) * this.#width));
      bag.clear();
      bag.setWords(bags!.subarray(begins![number]!, begins![number + 1]!));
      this.#push(key, bag, parents![number]!);
      this.#covered.set(number, covered![number]!);
      const list = this.#listOf(key);
      if (covered![number] === 0) this.#hang(list);
    }
  }

  /** The number of a key's list, which is created if necessary. */
  #listOf(key: StateFields): number {
    let list = this.#keys.get(key);
    if (list < 0) {
      list = this.#keys.size;
      this.#keys.set(key, list);
      this.#newest.set(list, 0);
    }
    return list;
  }

  /** Links the last state into a list. */
  #hang(list: number): void {
    this.#older.set(this.#count - 1, this.#newest.get(list));
    this.#newest.set(list, this.#count);
  }

  /** Removes from a list what the first images, up to this count, cover. */
  #giveUp(list: number, images: number): void {
    let newer = -1;
    for (let state = this.#newest.get(list); state !== 0; state = this.#older.get(state - 1)) {
      let isCovered = false;
      for (let at = 0; at < images && !isCovered; at++) {
        isCovered = this.#isCoveredBy(state - 1, this.#images[at]!);
      }
      if (!isCovered) {
        newer = state - 1;
        continue;
      }
      this.#covered.set(state - 1, 1);
      if (newer < 0) this.#newest.set(list, this.#older.get(state - 1));
      else this.#older.set(newer, this.#older.get(state - 1));
    }
  }

  #push(key: StateFields, bag: Bits, parent: number): void {
    const number = this.#count++;
    for (let at = 0; at < this.#width; at++) this.#fields.set(number * this.#width + at, key[at]!);
    this.#parents.set(number, parent);
    this.#covered.set(number, 0);
    this.#begins.set(number, this.#wordCount);
    let words = bag.words.length;
    while (words > 0 && bag.words[words - 1] === 0) words--;
    if (this.#wordCount + words > this.#bags.length) {
      const larger = new Uint32Array(this.#bags.length * 2);
      larger.set(this.#bags);
      this.#bags = larger;
    }
    this.#bags.set(bag.words.subarray(0, words), this.#wordCount);
    this.#wordCount += words;
    this.#begins.set(this.#count, this.#wordCount);
  }

  #imageOf(bag: Bits, permutation: number, at: number): void {
    this.#images[at] ??= new Bits();
    const image = this.#images[at];
    image.clear();
    bag.each((message) => {
      image.add(this.#messages.imageOf(message, permutation));
      return true;
    });
  }

  /** Whether the state has all messages of `bag`. */
  #covers(number: number, { words }: Bits): boolean {
    const from = this.#begins.get(number);
    const end = this.#begins.get(number + 1);
    for (let word = 0; word < words.length; word++) {
      const its = from + word < end ? this.#bags[from + word]! : 0;
      if ((words[word]! & ~its) !== 0) return false;
    }
    return true;
  }

  #isCoveredBy(number: number, { words }: Bits): boolean {
    const from = this.#begins.get(number);
    const end = this.#begins.get(number + 1);
    for (let word = from; word < end; word++) {
      const theirs = word - from < words.length ? words[word - from]! : 0;
      if ((this.#bags[word]! & ~theirs) !== 0) return false;
    }
    return true;
  }
}
