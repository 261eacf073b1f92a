import type { LogIndex, NodeId } from './types.ts';

/** A start number of a disk, and the tag of the run that had it. */
export interface SeenDisk {
  readonly start: number;
  readonly run: string;
}

/** Where a member is reached, and which disk counts as its own. */
export interface Member {
  /** `HOST:PORT` for its peers; null: the transport knows. */
  readonly peer: string | null;
  /** A URL for clients; null: nowhere. */
  readonly client: string | null;
  /** The `logId` of the disk that counts as this member; null: whichever it comes with first. */
  readonly logId: string | null;
  /** How far that disk had come, as the leader knew it when it proposed the configuration; a disk of that name which lacks it is an older copy. */
  readonly seen?: SeenDisk;
  /** It was a voter before its disk was to be replaced, and becomes one again when it is promoted: for whoever completes the replacement. */
  readonly wasVoter?: true;
}

/** The members of the cluster as of the log entry at `index`; index 0 stands for those it was started with. Thesis §4. */
export interface Configuration {
  readonly index: LogIndex;
  /** Who votes and counts; ascending. */
  readonly voters: readonly NodeId[];
  /** The voters before, while the configuration is joint: every majority needs one of these as well; ascending. Thesis §4.3. */
  readonly outgoing: readonly NodeId[];
  /** Who is sent the log, but neither votes nor counts; ascending. Thesis §4.2.1. */
  readonly learners: readonly NodeId[];
  /** By id; a cluster in one process needs none. */
  readonly members: Readonly<Record<NodeId, Member>>;
}

/** The configuration that a cluster of these voters starts with. */
export const firstConfiguration = (
  voters: readonly NodeId[],
  members: Configuration['members'] = {},
): Configuration => ({
  index: 0,
  voters: ascending(voters),
  outgoing: [],
  learners: [],
  members,
});

/** The configuration in force: the latest in the log, committed or not. Thesis §4.1. */
export const currentConfiguration = (configurations: readonly Configuration[]): Configuration =>
  configurations[configurations.length - 1]!;

/** The configuration in force as of the entry at `index`. */
export const configurationAt = (configurations: readonly Configuration[], index: LogIndex): Configuration =>
  configurations.findLast((each) => each.index <= index) ?? configurations[0]!;

/** Whether two majorities decide: one of the old voters, and one of the new. */
export const isJoint = ({ outgoing }: Configuration): boolean => outgoing.length > 0;

/** Whether the node votes, and counts. */
export const isVoter = ({ voters, outgoing }: Configuration, id: NodeId): boolean =>
  voters.includes(id) || outgoing.includes(id);

/** Everybody who is sent the log; ascending. */
export const membersOf = ({ voters, outgoing, learners }: Omit<Configuration, 'index'>): readonly NodeId[] =>
  outgoing.length === 0 && learners.length === 0
    ? voters
    : ascending(new Set([...voters, ...outgoing, ...learners]));

/** Everybody whose vote counts; ascending. */
export const votersOf = ({ voters, outgoing }: Configuration): readonly NodeId[] =>
  outgoing.length === 0 ? voters : ascending(new Set([...voters, ...outgoing]));

export const ascending = (ids: Iterable<NodeId>): readonly NodeId[] => [...ids].sort((a, b) => a - b);

/** Whether both lists have the same nodes in the same order. */
export const sameIds = (some: readonly NodeId[], others: readonly NodeId[]): boolean =>
  some.length === others.length && some.every((id, at) => id === others[at]);
