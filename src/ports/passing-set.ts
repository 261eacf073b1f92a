import { PassingMap } from './passing-map.ts';

/** A `Set` for what comes and goes all the time, as `PassingMap` is a `Map`. */
export class PassingSet<Member> {
  readonly #map = new PassingMap<Member, null>();

  get size(): number {
    return this.#map.size;
  }

  has(member: Member): boolean {
    return this.#map.has(member);
  }

  add(member: Member): void {
    this.#map.set(member, null);
  }

  /** False: it was none. */
  delete(member: Member): boolean {
    return this.#map.delete(member);
  }

  clear(): void {
    this.#map.clear();
  }

  /** In the order in which they came. Members that leave meanwhile are left out; those that come meanwhile may be. */
  [Symbol.iterator](): Generator<Member, undefined> {
    return this.#map.keys();
  }
}
