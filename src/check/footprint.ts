/** A part of a state: a key, or null for what does not belong to any key. */
export type Place = string | null;

/** What an item reads and writes. To leave a place out of `reads` or `writes` would be wrong; one too many only costs time. */
export interface Footprint<Held> {
  /** What it does, or whether it can take effect, may depend on these. */
  readonly reads: ReadonlySet<Place>;
  readonly writes: ReadonlySet<Place>;
  /** Those of `writes` that hold the same afterwards whatever they have held. */
  readonly overwrites: ReadonlySet<Place>;
  /** What it may leave where it writes. */
  readonly gives: ReadonlyMap<Place, ReadonlySet<Held>>;
  /** It takes effect only where these places hold what meets this. */
  readonly demands: ReadonlyMap<Place, Demand<Held>>;
}

export type Demand<Held> = (held: Held) => boolean;

/** That of an item that has begun. */
export interface OpenFootprint<Held> extends Footprint<Held> {
  /** It has taken effect by the time it returns; otherwise nobody knows whether it ever does. */
  readonly isCertain: boolean;
}

/** Whether it can make a difference that `earlier` goes right before `later`, and not right after it, or not at all. */
export const mattersBefore = <Held>(earlier: OpenFootprint<Held>, later: OpenFootprint<Held>): boolean =>
  isRead(earlier, later) || mustPrecede(earlier, later);

/** Whether `earlier` could not go after `later` instead: what it finds, or what it leaves, would not be the same. */
export const mustPrecede = <Held>(earlier: OpenFootprint<Held>, later: OpenFootprint<Held>): boolean => {
  if (!earlier.isCertain && isPart(earlier.writes, later.overwrites)) return false;
  return haveCommon(earlier.reads, later.writes) || haveCommon(earlier.writes, later.writes);
};

/** Whether `later` may find what `earlier` wrote: not where that is not what it demands, since something else is written in between then. */
const isRead = <Held>(earlier: OpenFootprint<Held>, later: OpenFootprint<Held>): boolean => {
  for (const place of earlier.writes) {
    if (!later.reads.has(place)) continue;
    const isMet = later.demands.get(place);
    if (isMet === undefined || canGive(earlier, place, isMet)) return true;
  }
  return false;
};

export const canGive = <Held>({ gives }: OpenFootprint<Held>, place: Place, isMet: Demand<Held>): boolean => {
  for (const held of gives.get(place) ?? []) if (isMet(held)) return true;
  return false;
};

const haveCommon = (a: ReadonlySet<Place>, b: ReadonlySet<Place>): boolean => {
  for (const place of a) if (b.has(place)) return true;
  return false;
};

export const isPart = (part: ReadonlySet<Place>, whole: ReadonlySet<Place>): boolean => {
  for (const place of part) if (!whole.has(place)) return false;
  return true;
};
