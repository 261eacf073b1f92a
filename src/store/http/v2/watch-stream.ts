import type { ServerResponse } from 'node:http';
import type { KeyEvent, Revision, RevisionedStore } from '../../kv/revisioned-store.ts';
import type { Watch, Watches } from '../../kv/watches.ts';
import { keyFields, pairFields } from './key-fields.ts';
import type { WatchRequest } from './watch-request.ts';

/** So much is written in one turn of the event loop, about. */
const turnBytes = 64 * 1024;

/** What of a revision is still to be told. */
interface Untold {
  readonly revision: Revision;
  readonly events: readonly KeyEvent[];
  readonly next: number;
}

/**
 * One watch as server-sent events. Takes from the store only what its client has room for, so a slow one costs no memory.
 *
 * The id of an event says that all up to that revision has been told: of several events at one revision only the last has it. A client whose connection breaks in between
 * goes on behind the id that it saw last, and is told the whole revision again.
 */
export class WatchStream {
  readonly #response: ServerResponse;
  readonly #request: WatchRequest;
  readonly #store: RevisionedStore;
  readonly #watch: Watch;
  #untold: Untold | null = null;
  /** All up to this has been told. */
  #told: Revision;
  /** The client has to read first. */
  #isFull = false;
  /** There is nothing to tell. */
  #isIdle = false;
  #isOver = false;
  /** Heartbeats since something was told. */
  #beats = 0;

  /** `response` has sent its head. */
  constructor(response: ServerResponse, request: WatchRequest, store: RevisionedStore, watches: Watches) {
    this.#response = response;
    this.#request = request;
    this.#store = store;
    this.#told = request.from === null ? store.revision : request.from - 1;
    this.#watch = watches.open(request.range, this.#told + 1, () => {
      this.#isIdle = false;
      this.#tell();
    });
    response.on('drain', () => {
      this.#isFull = false;
      this.#tell();
    });
    response.on('close', () => this.#close());
  }

  start(): void {
    this.#write(this.#progress());
    this.#tell();
  }

  /** Nothing may have happened for a while: shows that the connection is alive, and every other time how far the store is. */
  beat(): void {
    if (this.#isOver || this.#isFull || !this.#isIdle) return;
    this.#beats++;
    if (this.#beats > 1) this.#write(this.#beats % 2 === 0 ? ':\n\n' : this.#progress());
  }

  /** Ends the answer. */
  end(): void {
    if (this.#isOver) return;
    this.#close();
    this.#response.end();
  }

  #tell(): void {
    if (this.#isOver || this.#isFull || this.#isIdle) return;
    let text = '';
    let compactedAt: Revision | null = null;
    while (text.length < turnBytes) {
      if (this.#untold === null) {
        const told = this.#watch.next();
        if (told.type === 'compacted') compactedAt = told.oldest;
        if (told.type === 'nothing') {
          this.#told = Math.max(this.#told, told.revision);
          this.#isIdle = true;
        }
        if (told.type !== 'events') break;
        this.#untold = { ...told, events: this.#wanted(told.events), next: 0 };
      }
      text += this.#nextEvent(this.#untold);
    }
    if (text !== '') {
      this.#beats = 0;
      this.#write(text);
    }
    if (compactedAt !== null) this.#endCompacted(compactedAt);
    // Others get their turn first.
    else if (!this.#isIdle && !this.#isFull) setImmediate(() => this.#tell());
  }

  #wanted(events: readonly KeyEvent[]): readonly KeyEvent[] {
    const { only } = this.#request;
    return only === null ? events : events.filter(({ now }) => (now === null ? 'delete' : 'put') === only);
  }

  #nextEvent({ revision, events, next }: Untold): string {
    const event = events[next];
    const isLast = next + 1 >= events.length;
    this.#untold = isLast ? null : { revision, events, next: next + 1 };
    if (isLast) this.#told = revision;
    if (event === undefined) return '';
    const { key, now, before } = event;
    const data = {
      revision,
      ...(now === null ? keyFields(key) : pairFields(now)),
      ...(this.#request.hasPrevious ? { prev: before === null ? null : pairFields(before) } : {}),
    };
    return eventText(now === null ? 'delete' : 'put', data, isLast ? revision : null);
  }

  #progress(): string {
    return eventText('progress', { revision: this.#told, current: this.#store.revision }, this.#told);
  }

  #endCompacted(oldest: Revision): void {
    this.#write(eventText('compacted', { oldest }, null));
    this.end();
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#isFull = true;
  }

  #close(): void {
    this.#isOver = true;
    this.#untold = null;
    this.#watch.close();
  }
}

const eventText = (type: string, data: object, id: Revision | null): string =>
  `event: ${type}\ndata: ${JSON.stringify(data)}\n${id === null ? '' : `id: ${id}\n`}\n`;
