import type { Clock } from '../../ports/clock.ts';
import type { KeyRange } from '../kv/key-range.ts';
import type { KeyEvent, Revision } from '../kv/revisioned-store.ts';
import type { Told, Watch } from '../kv/watches.ts';
import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import type { OpenStream } from './open-stream.ts';
import { rangeIn } from './translate-key.ts';
import { numberIn } from './translate-number.ts';
import { eventBytes, wireEvent } from './translate-pair.ts';
import type { WatchRoom } from './watch-room.ts';
import type { WatchCreateRequest, WatchRequest, WatchResponse } from './wire-types.ts';

/** How often a watch that wants to hear of progress does so while nothing happens to its keys: as in etcd. */
const progressMs = 10 * 60 * 1000;
/** The events of one revision take more than one message from here on, if the client wants that. */
const fragmentBytes = 1.5 * 1024 * 1024;
/** Of a watch that was never made, and of what is said of all watches of a stream. */
const noWatch = -1;

interface OpenWatch {
  readonly id: string;
  readonly place: Watch;
  readonly isWanted: (event: KeyEvent) => boolean;
  readonly withPrevious: boolean;
  readonly isFragmented: boolean;
  readonly wantsProgress: boolean;
  /** Everything up to here has been told. */
  told: Revision;
  /** Since the last time that progress was told. */
  isBusy: boolean;
}

/** The watches of one stream: each gets its turn, and no more is taken from the store than the client reads. */
export class WatchStream {
  readonly #store: EtcdStore;
  readonly #stream: OpenStream<WatchResponse>;
  readonly #room: WatchRoom;
  readonly #watches = new Map<string, OpenWatch>();
  /** Those that may have something to tell. */
  readonly #ready = new Set<OpenWatch>();
  /** Those that are to be told how far they are. */
  readonly #due = new Set<OpenWatch>();
  #isTelling = false;
  #isProgressAsked = false;
  #nextId = 0;

  constructor(store: EtcdStore, stream: OpenStream<WatchResponse>, room: WatchRoom) {
    this.#store = store;
    this.#stream = stream;
    this.#room = room;
    if (stream.closed.aborted) return;
    const ticks = this.#tellProgress(store.clock);
    stream.closed.addEventListener('abort', () => {
      ticks.stop();
      for (const watch of this.#watches.values()) this.#close(watch);
    });
  }

  /** Resolves once the next request may be taken. */
  async take(request: WatchRequest): Promise<void> {
    if (request.create_request) await this.#create(request.create_request);
    else if (request.cancel_request) await this.#cancel(request.cancel_request.watch_id);
    else if (request.progress_request) {
      this.#isProgressAsked = true;
      await this.#tell();
    }
  }

  async #create(request: WatchCreateRequest): Promise<void> {
    const { revision } = this.#store.kv.store;
    const id = this.#idFor(request.watch_id);
    if (id === null) return this.#refuse('etcdserver: mvcc: duplicate watch ID provided');
    const range = watchedIn(request);
    if (range instanceof EtcdError) return this.#refuse(range.details);
    const noRoom = this.#room.take(this.#watches.size);
    if (noRoom !== null) return this.#refuse(noRoom);
    const start = numberIn(request.start_revision);
    const from = start > 0 ? start : revision + 1;
    const filters = new Set(request.filters);
    const place = this.#room.watches.open(range, from, () => {
      this.#ready.add(watch);
      void this.#tell();
    });
    const watch: OpenWatch = {
      id,
      place,
      isWanted: ({ now }) => !filters.has(now === null ? 'NODELETE' : 'NOPUT'),
      withPrevious: request.prev_kv,
      isFragmented: request.fragment,
      wantsProgress: request.progress_notify,
      told: from - 1,
      isBusy: false,
    };
    this.#watches.set(id, watch);
    if (this.#stream.closed.aborted) return this.#close(watch);
    await this.#send({ header: this.#store.header(revision), watch_id: id, created: true });
    if (!this.#watches.has(id)) return;
    this.#ready.add(watch);
    void this.#tell();
  }

  /** Null: there is such a watch already. */
  #idFor(wanted: string): string | null {
    if (wanted !== '0') return this.#watches.has(wanted) ? null : wanted;
    while (this.#watches.has(String(this.#nextId))) this.#nextId++;
    return String(this.#nextId++);
  }

  #refuse(reason: string): Promise<void> {
    const header = this.#store.header();
    return this.#send({ header, watch_id: noWatch, created: true, canceled: true, cancel_reason: reason });
  }

  async #cancel(id: string): Promise<void> {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    this.#close(watch);
    await this.#send({ header: this.#store.header(), watch_id: id, canceled: true });
  }

  #close(watch: OpenWatch): void {
    if (!this.#watches.delete(watch.id)) return;
    this.#ready.delete(watch);
    this.#due.delete(watch);
    watch.place.close();
    this.#room.give();
  }

  /** Tells what there is to tell, as long as the client reads. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (!this.#stream.closed.aborted) {
      const pause = this.#room.turns.pause();
      if (pause !== null) {
        await pause;
        continue;
      }
      const [watch] = this.#ready;
      if (watch === undefined) {
        if (!(await this.#tellHowFar())) break;
        continue;
      }
      this.#ready.delete(watch);
      const next = watch.place.next();
      // Behind the others.
      if (next.type === 'events') this.#ready.add(watch);
      await this.#tellNext(watch, next);
    }
    this.#isTelling = false;
  }

  /** False: there was nobody to be told. */
  async #tellHowFar(): Promise<boolean> {
    const [due] = this.#due;
    if (due !== undefined) {
      this.#due.delete(due);
      await this.#send({ header: this.#store.header(due.told), watch_id: due.id });
      return true;
    }
    if (!this.#isProgressAsked) return false;
    this.#isProgressAsked = false;
    await this.#send({ header: this.#store.header(this.#toldToAll), watch_id: noWatch });
    return true;
  }

  async #tellNext(watch: OpenWatch, next: Told): Promise<void> {
    if (next.type === 'compacted') {
      this.#close(watch);
      const header = this.#store.header();
      return this.#send({ header, watch_id: watch.id, canceled: true, compact_revision: next.oldest });
    }
    watch.told = Math.max(watch.told, next.revision);
    if (next.type === 'nothing') return;
    const events = next.events.filter(watch.isWanted);
    if (events.length === 0) return;
    watch.isBusy = true;
    const header = this.#store.header(next.revision);
    const fragments = watch.isFragmented ? inFragments(events, watch.withPrevious) : [events];
    for (const [at, each] of fragments.entries()) {
      await this.#send({
        header,
        watch_id: watch.id,
        events: each.map((event) => wireEvent(event, next.revision, watch.withPrevious)),
        ...(at < fragments.length - 1 ? { fragment: true } : {}),
      });
    }
  }

  get #toldToAll(): Revision {
    let least = this.#store.kv.store.revision;
    for (const { told } of this.#watches.values()) least = Math.min(least, told);
    return least;
  }

  /** A watch from a revision that has not come yet has heard of no progress. */
  #tellProgress(clock: Clock): { stop(): void } {
    let timer: unknown;
    const tick = (): void => {
      timer = clock.setTimeout(() => {
        for (const watch of this.#watches.values()) {
          const { revision } = this.#store.kv.store;
          if (watch.wantsProgress && !watch.isBusy && !this.#ready.has(watch) && watch.told <= revision)
            this.#due.add(watch);
          watch.isBusy = false;
        }
        void this.#tell();
        tick();
      }, progressMs);
    };
    tick();
    return { stop: () => clock.clearTimeout(timer) };
  }

  #send(response: WatchResponse): Promise<void> {
    return this.#stream.write(response);
  }
}

/** The keys that are watched, or why there are none. */
const watchedIn = ({ key, range_end }: WatchCreateRequest): KeyRange | EtcdError => {
  try {
    // As in etcd: no key stands for the first of all keys.
    const range = rangeIn(key.length === 0 ? Uint8Array.of(0) : key, range_end);
    return range.to !== null && range.to <= range.from ? etcdErrors.emptyWatcherRange() : range;
  } catch (error) {
    if (error instanceof EtcdError) return error;
    throw error;
  }
};

/** Each as large as a message should be, and never empty. */
const inFragments = (
  events: readonly KeyEvent[],
  withPrevious: boolean,
): readonly (readonly KeyEvent[])[] => {
  const fragments: KeyEvent[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    const size = eventBytes(event, withPrevious);
    if (bytes + size > fragmentBytes && fragments.at(-1)!.length > 0) {
      fragments.push([]);
      bytes = 0;
    }
    fragments.at(-1)!.push(event);
    bytes += size;
  }
  return fragments;
};
