import { LittleEndianPiece } from './little-endian.ts';

/*
 * A file of bbolt, the database that etcd keeps its state in, written from front to back. Integers are little-endian; a page has 4096 bytes.
 *
 *   page     u64 id  u16 kind  u16 elements  u32 further pages that it takes
 *   meta     u32 magic  u32 version  u32 pageSize  u32 0  u64 root  u64 0  u64 freelist  u64 pages  u64 transaction  u64 FNV-1a of all that
 *   leaf     for each element u32 flags  u32 where, from here  u32 keyBytes  u32 valueBytes, then keys and values
 *   branch   for each element u32 where, from here  u32 keyBytes  u64 page, then the first key of each page
 *   bucket   the value of an element with the flag 1: u64 root  u64 0
 *
 * https://github.com/etcd-io/bbolt, page.go, node.go and db.go. Nothing is free, so the freelist is empty.
 */
const pageBytes = 4096;
const headBytes = 16;
const elementBytes = 16;
const kinds = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;
const bucketFlag = 1;
const magic = 0xed0cdaed;
const version = 2;
const bucketBytes = 16;

/** What a bucket holds. */
export interface Bucket {
  readonly name: Uint8Array;
  /** In the order of their keys. They are gone through twice, and must be the same both times. */
  entries(): Iterable<Entry>;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly valueBytes: number;
  /** Called when it is written. */
  value(): Uint8Array;
}

/** A page of a tree that is to be written. */
interface Planned {
  readonly id: number;
  readonly firstKey: Uint8Array;
  readonly elements: number;
  readonly bytes: number;
}

interface Level {
  readonly kind: 'leaf' | 'branch';
  readonly pages: readonly Planned[];
}

interface Tree {
  readonly bucket: Bucket;
  /** The leaves, then each level above; the last one has one page. */
  readonly levels: readonly Level[];
}

/** The file, page by page; a page may be many times its usual length. `buckets` in the order of their names. Others get their turn between two that are empty. */
export function* boltFile(buckets: readonly Bucket[]): Generator<Uint8Array, void> {
  let nextId = 3;
  const take = (bytes: number): number => {
    const id = nextId;
    nextId += Math.max(1, Math.ceil(bytes / pageBytes));
    return id;
  };
  const trees: Tree[] = [];
  for (const bucket of buckets) trees.push(yield* planTree(bucket, take));
  const roots: Bucket = {
    name: new Uint8Array(),
    entries: () =>
      trees.map(({ bucket, levels }) => ({
        key: bucket.name,
        valueBytes: bucketBytes,
        value: () => new LittleEndianPiece(bucketBytes).u64(levels.at(-1)!.pages[0]!.id).u64(0).bytes,
      })),
  };
  const root = yield* planTree(roots, take);

  const rootId = root.levels.at(-1)!.pages[0]!.id;
  for (const id of [0, 1]) yield metaPage(id, rootId, nextId);
  yield page(2, kinds.freelist, 0, headBytes).bytes;
  for (const tree of trees) yield* writeTree(tree, 0);
  yield* writeTree(root, bucketFlag);
}

/** How many bytes the file has; so many pages are counted by the meta pages. */
export const boltFileBytes = (metaPage: Uint8Array): number =>
  Number(new DataView(metaPage.buffer, metaPage.byteOffset).getBigUint64(headBytes + 40, true)) * pageBytes;

const nothing = new Uint8Array();
/** So many entries are planned before others get their turn. */
const atOnce = 4096;

function* planTree(bucket: Bucket, take: (bytes: number) => number): Generator<Uint8Array, Tree> {
  const plan = new PagePlan(take);
  let planned = 0;
  for (const { key, valueBytes } of bucket.entries()) {
    plan.add(key, valueBytes);
    if (++planned % atOnce === 0) yield nothing;
  }
  let level: Level = { kind: 'leaf', pages: plan.end() };
  const levels = [level];
  while (level.pages.length > 1) {
    const above = new PagePlan(take);
    for (const { firstKey } of level.pages) above.add(firstKey, 0);
    level = { kind: 'branch', pages: above.end() };
    levels.push(level);
  }
  return { bucket, levels };
}

/** Puts elements into pages, at least one into each. */
class PagePlan {
  readonly #take: (bytes: number) => number;
  readonly #pages: Planned[] = [];
  #firstKey: Uint8Array = nothing;
  #elements = 0;
  #bytes = headBytes;

  constructor(take: (bytes: number) => number) {
    this.#take = take;
  }

  add(key: Uint8Array, valueBytes: number): void {
    const needed = elementBytes + key.length + valueBytes;
    if (this.#elements > 0 && this.#bytes + needed > pageBytes) this.#close();
    if (this.#elements === 0) this.#firstKey = key;
    this.#elements++;
    this.#bytes += needed;
  }

  /** There is one page, even if it has nothing. */
  end(): readonly Planned[] {
    if (this.#elements > 0 || this.#pages.length === 0) this.#close();
    return this.#pages;
  }

  #close(): void {
    const bytes = this.#bytes;
    this.#pages.push({ id: this.#take(bytes), firstKey: this.#firstKey, elements: this.#elements, bytes });
    this.#elements = 0;
    this.#bytes = headBytes;
  }
}

function* writeTree({ bucket, levels }: Tree, flags: number): Generator<Uint8Array, void> {
  const entries = bucket.entries()[Symbol.iterator]();
  for (const [at, { pages }] of levels.entries()) {
    const below = at === 0 ? [] : levels[at - 1]!.pages;
    let nextBelow = 0;
    for (const planned of pages) {
      if (at === 0) {
        const held = Array.from({ length: planned.elements }, () => entries.next().value as Entry);
        yield leafPage(planned, held, flags);
      } else {
        const children = below.slice(nextBelow, nextBelow + planned.elements);
        nextBelow += planned.elements;
        yield branchPage(planned, children);
      }
    }
  }
}

const leafPage = ({ id, elements, bytes }: Planned, entries: readonly Entry[], flags: number): Uint8Array => {
  const to = page(id, kinds.leaf, elements, bytes);
  let left = elements * elementBytes;
  for (const { key, valueBytes } of entries) {
    to.u32(flags).u32(left).u32(key.length).u32(valueBytes);
    left += key.length + valueBytes - elementBytes;
  }
  for (const entry of entries) to.raw(entry.key).raw(entry.value());
  return to.bytes;
};

const branchPage = ({ id, elements, bytes }: Planned, children: readonly Planned[]): Uint8Array => {
  const to = page(id, kinds.branch, elements, bytes);
  let left = elements * elementBytes;
  for (const { id: child, firstKey } of children) {
    to.u32(left).u32(firstKey.length).u64(child);
    left += firstKey.length - elementBytes;
  }
  for (const { firstKey } of children) to.raw(firstKey);
  return to.bytes;
};

const page = (id: number, kind: number, elements: number, bytes: number): LittleEndianPiece => {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  return new LittleEndianPiece(pages * pageBytes)
    .u64(id)
    .u16(kind)
    .u16(elements)
    .u32(pages - 1);
};

const metaPage = (id: number, root: number, pages: number): Uint8Array => {
  const to = page(id, kinds.meta, 0, headBytes);
  // The page with the greater transaction counts.
  to.u32(magic).u32(version).u32(pageBytes).u32(0).u64(root).u64(0).u64(2).u64(pages).u64(id);
  to.u64(fnv1a(to.bytes.subarray(headBytes, headBytes + 56)));
  return to.bytes;
};

const fnv1a = (bytes: Uint8Array): bigint => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
};
