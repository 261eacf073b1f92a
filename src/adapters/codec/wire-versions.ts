/**
 * What a connection can carry in each wire version that this program speaks: its own and the two before, so that a cluster is upgraded node by node
 * (docs/upgrades.md).
 */
const versions: Readonly<Record<number, WireFeatures>> = {
  3: { hasLanes: false, hasTraces: false, hasApplication: false, hasStampedCommands: false },
  4: { hasLanes: true, hasTraces: true, hasApplication: false, hasStampedCommands: false },
  5: { hasLanes: true, hasTraces: true, hasApplication: true, hasStampedCommands: true },
};

export interface WireFeatures {
  /** Frames overtake, and leave in pieces that the other side confirms: docs/wire.md, Lanes. */
  readonly hasLanes: boolean;
  /** An AppendEntries may bring the traces of its entries. */
  readonly hasTraces: boolean;
  /** What runs on the nodes besides Raft may talk over their links. */
  readonly hasApplication: boolean;
  /** The program knows the commands of the store with revisions. */
  readonly hasStampedCommands: boolean;
}

/** The latest version that this program speaks. Any change that an older reader would misread changes it. */
export const wireVersion = 5;

/** `version` is one that this program speaks. */
export const featuresOf = (version: number): WireFeatures => versions[version]!;

/** Whether this program speaks `version`. */
export const isSpoken = (version: number): boolean => Object.hasOwn(versions, version);

/**
 * Why a greeting of another version is refused. All versions use these words; the first number is the latest version that the refusing side speaks, so the refused side
 * learns how to greet instead.
 */
export const otherVersionWords = (version: number): string =>
  `this is wire version ${wireVersion}, not ${version}`;

/** The earlier version to greet in, after a greeting of version `greeted` was refused with `reason`; null if there is none. */
export const earlierVersionIn = (reason: string, greeted: number): number | null => {
  const found = /^this is wire version (\d{1,9}), not \d+$/.exec(reason);
  const version = Number(found?.[1]);
  return version < greeted && isSpoken(version) ? version : null;
};
