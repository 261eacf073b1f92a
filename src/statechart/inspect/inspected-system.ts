import { deepEqual } from 'fast-equals';
import type { ActorEvent, ActorNews, ActorSnapshot, News } from './news.ts';

/** A program as of some piece of news. */
export interface InspectedProgram {
  readonly number: number;
  readonly name: string;
  readonly isConnected: boolean;
  readonly takesEvents: boolean;
  readonly roots: readonly InspectedActor[];
}

export interface InspectedActor {
  readonly key: string;
  readonly program: number;
  readonly actor: string;
  readonly parent: string | null;
  readonly name: string;
  readonly chart: string | null;
  readonly problem: string | null;
  /** `active`, `done`, `error` or `stopped`: an actor stops with its parent. */
  readonly status: string;
  readonly value: unknown;
  readonly children: readonly InspectedActor[];
}

/** An actor's newest snapshot as of some piece of news, and how it came about. */
export interface Moment {
  /** The number of the news that brought it. */
  readonly number: number;
  readonly snapshot: ActorSnapshot;
  /** The event that led here; null where it is not known, as of the first. */
  readonly event: ActorEvent | null;
  /** The snapshot before; null for the first that is known. */
  readonly before: ActorSnapshot | null;
  /** False where there may be snapshots between the one before and this: news is missing, or snapshots of events that came. */
  readonly isNext: boolean;
}

/** The key of an actor among those of all programs. */
export const keyOf = ({ program, actor }: { readonly program: number; readonly actor: string }): string =>
  `${program}/${actor}`;

interface Track {
  readonly key: string;
  readonly program: number;
  readonly actor: string;
  /** The first news that mentions it. */
  readonly since: number;
  registration: ActorNews | null;
  readonly moments: Moment[];
  /** Events that came since its last snapshot. */
  waiting: number;
}

const defaultLimit = 20_000;
/** Of the news as JSON; in memory they take some times as much. */
const defaultMaxCharacters = 64 * 1024 * 1024;

/**
 * All that the inspector has been told, and what it looked like after any piece of it. News may begin late, come twice, or come out of
 * order. Keeps some `limit` pieces, of some `maxCharacters` together: the oldest go first, but for what says how an actor stands. Its answers hold the objects of the news
 * themselves, which must not be changed.
 */
export class InspectedSystem {
  readonly #limit: number;
  readonly #maxCharacters: number;
  #news: News[] = [];
  /** Characters of each piece, and of all together. */
  readonly #sizes = new WeakMap<News, number>();
  #characters = 0;
  #tracks = new Map<string, Track>();
  #programs = new Map<number, Extract<News, { readonly kind: 'program' }>[]>();
  /** Of the newest piece that was recorded, and of the first after the last that is missing. */
  #last = 0;
  #wholeSince = 0;

  constructor(limit: number = defaultLimit, maxCharacters: number = defaultMaxCharacters) {
    this.#limit = limit;
    this.#maxCharacters = maxCharacters;
  }

  /** In the order of their numbers. */
  get news(): readonly News[] {
    return this.#news;
  }

  /** `sizeOf`: how many characters a piece has as JSON. */
  take(arrived: readonly News[], sizeOf: (news: News) => number = () => 0): void {
    let isInOrder = true;
    for (const news of arrived) {
      const last = this.#news.at(-1);
      if (last === undefined || news.number > last.number) {
        this.#news.push(news);
        this.#weigh(news, sizeOf(news));
        if (isInOrder) this.#record(news);
        continue;
      }
      const at = this.positionAt(news.number);
      if (this.#news[at]?.number === news.number) continue;
      this.#news.splice(at + 1, 0, news);
      this.#weigh(news, sizeOf(news));
      isInOrder = false;
    }
    if (this.#news.length > this.#limit * 1.1 || this.#characters > this.#maxCharacters * 1.1) this.#forget();
    else if (!isInOrder) this.#recordAll();
  }

  /** Forgets everything: the inspector was started again. */
  clear(): void {
    this.#news = [];
    this.#characters = 0;
    this.#recordAll();
  }

  /** The place in `news` of the last piece up to `step`; -1 where there is none. */
  positionAt(step: number): number {
    return lastUpTo(this.#news, step);
  }

  /** The programs that had come by `step`, each with its actors. */
  programsAt(step: number): readonly InspectedProgram[] {
    const present = [...this.#tracks.values()].filter(({ since }) => since <= step);
    const byProgram = Map.groupBy(present, ({ program }) => program);
    const numbers = [...new Set([...this.#programs.keys(), ...byProgram.keys()])].toSorted((a, b) => a - b);
    return numbers.flatMap((number): readonly InspectedProgram[] => {
      const all = this.#programs.get(number) ?? [];
      const told = all[lastUpTo(all, step)];
      const tracks = byProgram.get(number) ?? [];
      if (told === undefined && tracks.length === 0) return [];
      const { name, isConnected, takesEvents } = told ?? all[0] ?? nameless(number);
      return [{ number, name, isConnected, takesEvents, roots: treeOf(tracks, step) }];
    });
  }

  /** How an actor stood after the news `step`; null where that is not known. */
  momentAt(key: string, step: number): Moment | null {
    const moments = this.#tracks.get(key)?.moments ?? [];
    return moments[lastUpTo(moments, step)] ?? null;
  }

  /** What the actor is called, also before it has come: its name, or its id where it was never introduced. */
  nameOf(key: string): string {
    const track = this.#tracks.get(key);
    return track?.registration?.name ?? track?.actor ?? key.slice(key.indexOf('/') + 1);
  }

  #record(news: News): void {
    if (news.number !== this.#last + 1) this.#wholeSince = news.number;
    this.#last = news.number;
    if (news.kind === 'program') {
      const all = this.#programs.get(news.program);
      if (all === undefined) this.#programs.set(news.program, [news]);
      else all.push(news);
      return;
    }
    const track = this.#track(news);
    if (news.kind === 'event') {
      track.waiting += 1;
      return;
    }
    const { number, snapshot } = news;
    const last = track.moments.at(-1);
    if (news.kind === 'actor') {
      track.registration = news;
      if (last === undefined)
        track.moments.push({ number, snapshot, event: null, before: null, isNext: true });
      else if (!deepEqual(last.snapshot, snapshot))
        track.moments.push({ number, snapshot, event: null, before: last.snapshot, isNext: false });
      return;
    }
    const isNext = track.waiting <= 1 && (last === undefined || last.number >= this.#wholeSince);
    track.moments.push({ number, snapshot, event: news.event, before: last?.snapshot ?? null, isNext });
    track.waiting = 0;
  }

  #track({ program, actor, number }: News & { readonly actor: string }): Track {
    const key = keyOf({ program, actor });
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const track: Track = { key, program, actor, since: number, registration: null, moments: [], waiting: 0 };
    this.#tracks.set(key, track);
    return track;
  }

  #recordAll(): void {
    this.#tracks = new Map();
    this.#programs = new Map();
    this.#last = 0;
    for (const news of this.#news) this.#record(news);
  }

  /** Drops the oldest, but for what still says how a program or an actor stands that is there or is mentioned later. */
  #forget(): void {
    const cut = this.#cut();
    const [old, young] = [this.#news.slice(0, cut), this.#news.slice(cut)];
    const mentioned = new Set(young.map((news) => (news.kind === 'program' ? '' : keyOf(news))));
    const alive = new Set(young.map(({ program }) => program));
    const latest = new Map<string, News>();
    for (const news of old) {
      if (news.kind === 'event') continue;
      latest.set(news.kind === 'program' ? `${news.program}` : `${keyOf(news)} ${news.kind}`, news);
    }
    for (const [program, all] of this.#programs) if (all.at(-1)?.isConnected) alive.add(program);
    const kept = [...latest.values()].filter((news) => {
      if (!alive.has(news.program)) return false;
      if (news.kind === 'program' || mentioned.has(keyOf(news))) return true;
      const { status = 'active' } = this.momentAt(keyOf(news), Number.POSITIVE_INFINITY)?.snapshot ?? {};
      return status === 'active';
    });
    this.#news = [...kept.toSorted((a, b) => a.number - b.number), ...young];
    this.#characters = this.#news.reduce((sum, news) => sum + this.#sizes.get(news)!, 0);
    this.#recordAll();
  }

  /** Where the newest begin that are within both limits. */
  #cut(): number {
    let [at, characters] = [this.#news.length, 0];
    while (at > 0 && this.#news.length - at < this.#limit) {
      characters += this.#sizes.get(this.#news[at - 1]!)!;
      if (characters > this.#maxCharacters) break;
      at -= 1;
    }
    return at;
  }

  #weigh(news: News, size: number): void {
    this.#sizes.set(news, size);
    this.#characters += size;
  }
}

/** For news whose first numbers are gone. */
const nameless = (number: number) => ({ name: `program ${number}`, isConnected: true, takesEvents: false });

/** Of actors in each other. Programs may claim more, or that actors started each other. */
const maxLevels = 100;

/** Actors without a parent that is known, and those that would be deeper than `maxLevels`, stand at the top. */
const treeOf = (tracks: readonly Track[], step: number): readonly InspectedActor[] => {
  const known = new Map(tracks.map((track) => [track.actor, track]));
  const toldParentOf = ({ registration }: Track): string | null => {
    const parent = registration?.parent ?? null;
    return parent !== null && known.has(parent) ? parent : null;
  };
  const parentOf = (track: Track): string | null => {
    const parent = toldParentOf(track);
    let above = parent;
    for (let level = 1; above !== null; level += 1) {
      if (level === maxLevels) return null;
      above = toldParentOf(known.get(above)!);
    }
    return parent;
  };
  const below = Map.groupBy(tracks, parentOf);
  const build = (parent: string | null, hasEnded: boolean): readonly InspectedActor[] =>
    (below.get(parent) ?? []).map((track) => {
      const { key, program, actor, registration, moments } = track;
      const { status = 'active', value } = moments[lastUpTo(moments, step)]?.snapshot ?? {};
      const isOver = status !== 'active';
      const { name = actor, chart = null, problem = null } = registration ?? {};
      return {
        key,
        program,
        actor,
        parent,
        name,
        chart,
        problem,
        status: hasEnded && !isOver ? 'stopped' : status,
        value,
        children: build(actor, hasEnded || isOver),
      };
    });
  return build(null, false);
};

/** The place of the last with a number up to `step`; -1 where there is none. */
const lastUpTo = (all: readonly { readonly number: number }[], step: number): number => {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.number <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
