import { GrowingArray } from './growing-array.ts';
import { fromText, Interned } from './interned.ts';
import type { Renaming } from './rename.ts';
import { type Permutation, renamingOf } from './symmetry.ts';

/** Interned values that name nodes, with the image of each under every permutation of the nodes. */
export class RenamedValues<Value> {
  readonly #values = new Interned<Value>();
  readonly #renamings: readonly Renaming[];
  readonly #rename: (value: Value, to: Renaming) => Value;
  /** By id and permutation. */
  readonly #images = new GrowingArray();
  /** By id: the first of all that are the same under some permutation. */
  readonly #classes = new GrowingArray();
  #known = 0;

  constructor(permutations: readonly Permutation[], rename: (value: Value, to: Renaming) => Value) {
    this.#renamings = permutations.map(renamingOf);
    this.#rename = rename;
  }

  get size(): number {
    return this.#values.size;
  }

  get bytes(): number {
    return this.#images.bytes + this.#classes.bytes;
  }

  idOf(value: Value): number {
    const id = this.#values.idOf(value);
    if (id >= this.#known) this.#addImages(id);
    return id;
  }

  get(id: number): Value {
    return this.#values.get(id);
  }

  imageOf(id: number, permutation: number): number {
    return this.#images.get(id * this.#renamings.length + permutation);
  }

  classOf(id: number): number {
    return this.#classes.get(id);
  }

  texts(): readonly string[] {
    return this.#values.texts();
  }

  /** Restores what `texts` wrote, under the same ids. `revive` puts back what a text leaves out. */
  restore(texts: readonly string[], revive: (value: Value) => Value = (value) => value): void {
    for (const text of texts) this.idOf(revive(fromText<Value>(text)));
  }

  /** A value always comes with all its images, so that none has to be looked up by its text again. */
  #addImages(first: number): void {
    const value = this.#values.get(first);
    const images = this.#renamings.map((to) => this.#values.idOf(this.#rename(value, to)));
    const end = this.#values.size;
    for (let id = first; id < end; id++) {
      const of = this.#values.get(id);
      for (const [at, to] of this.#renamings.entries()) {
        const image = id === first ? images[at]! : this.#values.idOf(this.#rename(of, to));
        this.#images.set(id * this.#renamings.length + at, image);
      }
      this.#classes.set(id, first);
    }
    this.#known = this.#values.size;
  }
}
