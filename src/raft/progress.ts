import type { Snapshot } from './snapshot.ts';
import type { LogIndex, Round } from './types.ts';

interface Known {
  /** Where the next entries begin. Figure 2, "Volatile state on leaders". */
  readonly nextIndex: LogIndex;
  /** Everything up to here is known to equal the leader's log. Never falls while the leader leads. */
  readonly matchIndex: LogIndex;
  /** The leader's round when `matchIndex` last rose: a message of a later round was sent to a follower that held all of that. */
  readonly matchRound: Round;
  /** The latest round that it has answered. Thesis §6.4. */
  readonly round: Round;
}

/** Probing: one AppendEntries at a time, until one is accepted. Thesis §10.2.2. */
export interface Probe extends Known {
  readonly state: 'probe';
  /** Last index of the message still unanswered, if there is one. */
  readonly inflight: readonly [] | readonly [LogIndex];
}

/** Pipelined: `nextIndex` runs ahead of the answers. Thesis §10.2.2. */
export interface Replicate extends Known {
  readonly state: 'replicate';
  /** Last index of each message still unanswered, ascending. */
  readonly inflight: readonly LogIndex[];
}

/** It needs entries that the leader's log has dropped: the leader sends its snapshot, a chunk at a time. Raft paper §7. */
export interface Snapshotting extends Known {
  readonly state: 'snapshot';
  /** The snapshot being sent: it stays the same when the leader takes a newer one. */
  readonly snapshot: Snapshot;
  /** Where the chunk begins that has been sent and not answered, in bytes. */
  readonly offset: number;
  /** Whether a whole period of the quorum check has passed without an answer to it. */
  readonly isIdle: boolean;
  readonly inflight: readonly [];
}

/** It has lost entries that it had acknowledged: for as long as this leader leads it counts for nothing, and is sent nothing but heartbeats. */
export interface Lost extends Known {
  readonly state: 'lost';
  readonly inflight: readonly [];
}

/** What a leader knows of one follower. */
export type Progress = Probe | Replicate | Snapshotting | Lost;

export type ProgressState = Progress['state'];

/** What can happen to it. */
export type ProgressEvent =
  /** Entries up to `lastIndex` have been sent. */
  | { readonly type: 'sent'; readonly lastIndex: LogIndex }
  /** The follower holds everything up to `matchIndex`; `round` is the leader's as it hears of it. May arrive late or twice. */
  | { readonly type: 'matched'; readonly matchIndex: LogIndex; readonly round: Round }
  /** The follower's log lacks the entry before `nextIndex` that the leader assumed; this is the next guess. */
  | { readonly type: 'rejected'; readonly nextIndex: LogIndex }
  /** The log no longer holds what the follower needs next: it is sent this snapshot. */
  | { readonly type: 'compacted'; readonly snapshot: Snapshot }
  /** The follower waits for the chunk that begins at `offset`. */
  | { readonly type: 'chunkAsked'; readonly offset: number }
  /** A period of the quorum check has passed. */
  | { readonly type: 'periodPassed'; readonly newest: Snapshot }
  /** The follower holds what the snapshot stands for, and its log matches up to `matchIndex`. */
  | { readonly type: 'installed'; readonly matchIndex: LogIndex; readonly round: Round }
  /** The follower lacks what it had acknowledged. */
  | { readonly type: 'lost' };

type In<State extends ProgressState> = Extract<Progress, { readonly state: State }>;
type Of<Type extends ProgressEvent['type']> = Extract<ProgressEvent, { readonly type: Type }>;

/** One row of the table: where it leads, why, and what is known afterwards. */
interface Row<From extends ProgressState, Type extends ProgressEvent['type'], To extends ProgressState> {
  readonly to: To;
  readonly description: string;
  readonly rule: string;
  readonly next: (progress: In<From>, event: Of<Type>) => In<To>;
}

const stayInProbe = (progress: Probe, { lastIndex }: Of<'sent'>): Probe => ({
  ...progress,
  inflight: [lastIndex],
});

const runAhead = (progress: Replicate, { lastIndex }: Of<'sent'>): Replicate => ({
  ...progress,
  nextIndex: lastIndex + 1,
  inflight: [...progress.inflight, lastIndex],
});

/** The highest match so far, and the round in which it was reached. */
const highest = (progress: Progress, { matchIndex, round }: Of<'matched'>): Omit<Known, 'round'> =>
  matchIndex > progress.matchIndex
    ? { matchIndex, matchRound: round, nextIndex: Math.max(progress.nextIndex, matchIndex + 1) }
    : {
        matchIndex: progress.matchIndex,
        matchRound: progress.matchRound,
        nextIndex: Math.max(progress.nextIndex, progress.matchIndex + 1),
      };

/** The answer to a probe frees its slot. */
const startPipeline = (progress: Probe, event: Of<'matched'>): Replicate => ({
  state: 'replicate',
  ...highest(progress, event),
  round: progress.round,
  inflight: [],
});

/** An answer frees the slots it covers; a late one moves nothing back. */
const recordAnswer = (progress: Replicate, event: Of<'matched'>): Replicate => {
  const known = highest(progress, event);
  return {
    state: 'replicate',
    ...known,
    round: progress.round,
    inflight: progress.inflight.filter((lastIndex) => lastIndex > known.matchIndex),
  };
};

const probeFrom = (progress: Progress, { nextIndex }: Of<'rejected'>): Probe => ({
  state: 'probe',
  matchIndex: progress.matchIndex,
  matchRound: progress.matchRound,
  round: progress.round,
  nextIndex: Math.max(progress.matchIndex + 1, nextIndex),
  inflight: [],
});

const startSnapshot = (
  { nextIndex, matchIndex, matchRound, round }: Progress,
  { snapshot }: Of<'compacted'>,
): Snapshotting => ({
  state: 'snapshot',
  nextIndex,
  matchIndex,
  matchRound,
  round,
  snapshot,
  offset: 0,
  isIdle: false,
  inflight: [],
});

const sendChunkAt = (progress: Snapshotting, { offset }: Of<'chunkAsked'>): Snapshotting => ({
  ...progress,
  offset,
  isIdle: false,
});

/** A transfer that has not moved begins again with the newest snapshot: the other one may be gone. */
const waitOn = (progress: Snapshotting, { newest }: Of<'periodPassed'>): Snapshotting => ({
  ...progress,
  isIdle: true,
  snapshot: progress.isIdle && progress.offset === 0 ? newest : progress.snapshot,
});

/** What the leader knew before stays true; it goes on right after what the follower holds. */
const resume = (progress: Snapshotting, event: Of<'installed'>): Probe => {
  const { matchIndex, matchRound } = highest(progress, { ...event, type: 'matched' });
  return {
    state: 'probe',
    matchIndex,
    matchRound,
    nextIndex: matchIndex + 1,
    round: progress.round,
    inflight: [],
  };
};

const rememberMatch = (progress: Snapshotting, event: Of<'matched'>): Snapshotting => ({
  ...progress,
  ...highest(progress, event),
});

const stay = <Same extends Progress>(progress: Same): Same => progress;

const lose = ({ nextIndex, matchIndex, matchRound, round }: Progress): Lost => ({
  state: 'lost',
  nextIndex,
  matchIndex,
  matchRound,
  round,
  inflight: [],
});

const becomesLost = {
  to: 'lost',
  description: 'The follower lacks what it had acknowledged: it counts for nothing until it is replaced.',
  rule: 'Raft paper §5.3, Leader Completeness',
  next: lose,
} as const;

const staysLost = {
  to: 'lost',
  description: 'What it says of its log is believed no more.',
  rule: 'Raft paper §5.3, Leader Completeness',
  next: lose,
} as const;

const needsSnapshot = {
  to: 'snapshot',
  description: 'The log no longer holds what the follower needs: the leader sends its snapshot.',
  rule: 'Raft paper §7',
  next: startSnapshot,
} as const;

const noSnapshot = {
  description: 'A late answer about a snapshot that is over.',
  rule: 'Raft paper §7',
} as const;

const nothingToRepeat = {
  description: 'Nothing to repeat: heartbeats show what was lost.',
  rule: 'Raft paper §7',
} as const;

/** (state, event) → state. The leader goes by this table, and `docs/protocol.md` draws it: there is no other copy. */
export const progressTable = {
  probe: {
    sent: {
      to: 'probe',
      description: 'One message is under way; the next waits for its answer.',
      rule: 'Thesis §10.2.2',
      next: stayInProbe,
    },
    matched: {
      to: 'replicate',
      description: 'The logs match up to here: from now on messages leave without waiting for answers.',
      rule: 'Thesis §10.2.2; Raft paper §5.3',
      next: startPipeline,
    },
    rejected: {
      to: 'probe',
      description: 'The follower lacks the entry before: the leader tries further back.',
      rule: 'Raft paper §5.3; Figure 2, Leaders',
      next: probeFrom,
    },
    compacted: needsSnapshot,
    chunkAsked: { ...noSnapshot, to: 'probe', next: stay<Probe> },
    periodPassed: { ...nothingToRepeat, to: 'probe', next: stay<Probe> },
    installed: { ...noSnapshot, to: 'probe', next: stay<Probe> },
    lost: becomesLost,
  },
  replicate: {
    sent: {
      to: 'replicate',
      description: 'The next message begins after this one.',
      rule: 'Thesis §10.2.2',
      next: runAhead,
    },
    matched: {
      to: 'replicate',
      description: 'Everything that the answer covers has arrived; nothing moves back.',
      rule: 'Raft paper §5.3; Figure 2, Leaders',
      next: recordAnswer,
    },
    rejected: {
      to: 'probe',
      description:
        'A message was lost or the logs differ: the leader probes from further back, never from what is known to match.',
      rule: 'Raft paper §5.3; thesis §10.2.2',
      next: probeFrom,
    },
    compacted: needsSnapshot,
    chunkAsked: { ...noSnapshot, to: 'replicate', next: stay<Replicate> },
    periodPassed: { ...nothingToRepeat, to: 'replicate', next: stay<Replicate> },
    installed: { ...noSnapshot, to: 'replicate', next: stay<Replicate> },
    lost: becomesLost,
  },
  snapshot: {
    sent: {
      to: 'snapshot',
      description: 'No entries leave before the snapshot has arrived.',
      rule: 'Raft paper §7',
      next: stay<Snapshotting>,
    },
    matched: {
      to: 'snapshot',
      description: 'A late answer to what was sent before: the snapshot goes on.',
      rule: 'Raft paper §5.3, §7',
      next: rememberMatch,
    },
    rejected: {
      to: 'snapshot',
      description: 'That is known: the snapshot is on its way.',
      rule: 'Raft paper §7',
      next: stay<Snapshotting>,
    },
    compacted: {
      to: 'snapshot',
      description: 'The leader goes on with the snapshot that it has begun to send.',
      rule: 'Raft paper §7',
      next: stay<Snapshotting>,
    },
    chunkAsked: {
      to: 'snapshot',
      description: 'The next chunk leaves, or the same one again.',
      rule: 'Raft paper §7',
      next: sendChunkAt,
    },
    periodPassed: {
      to: 'snapshot',
      description: 'No answer in a whole period: the chunk may be lost, and leaves again.',
      rule: 'Raft paper §7',
      next: waitOn,
    },
    installed: {
      to: 'probe',
      description: 'The follower holds what the snapshot stands for: goes on with the entries after it.',
      rule: 'Raft paper §7',
      next: resume,
    },
    lost: becomesLost,
  },
  lost: {
    sent: {
      to: 'lost',
      description: 'It is sent nothing but heartbeats.',
      rule: 'Raft paper §5.3',
      next: lose,
    },
    matched: staysLost,
    rejected: staysLost,
    compacted: staysLost,
    chunkAsked: staysLost,
    periodPassed: staysLost,
    installed: staysLost,
    lost: {
      to: 'lost',
      description: 'That is known.',
      rule: 'Raft paper §5.3, Leader Completeness',
      next: lose,
    },
  },
} as const satisfies {
  readonly [From in ProgressState]: {
    readonly [Type in ProgressEvent['type']]: Row<From, Type, ProgressState>;
  };
};

/** What is known of the follower after `event`. */
export const advance = (progress: Progress, event: ProgressEvent): Progress => {
  const { next } = progressTable[progress.state][event.type];
  // The table's type ties each function to its state and event; TypeScript cannot follow the two look-ups.
  return (next as (progress: Progress, event: ProgressEvent) => Progress)(progress, event);
};

/** Starts probing right after `lastIndex`. Figure 2, "Volatile state on leaders". */
export const initialProgress = (lastIndex: LogIndex): Probe => ({
  state: 'probe',
  nextIndex: lastIndex + 1,
  matchIndex: 0,
  matchRound: 0,
  round: 0,
  inflight: [],
});

/** Whether one more message with entries may leave. */
export const hasRoom = (progress: Progress, maxMessagesInFlight: number): boolean =>
  progress.inflight.length <
  { probe: 1, replicate: maxMessagesInFlight, snapshot: 0, lost: 0 }[progress.state];

/** Up to where the follower counts as holding the leader's log. */
export const countedIndex = (progress: Progress | undefined): LogIndex =>
  progress === undefined || progress.state === 'lost' ? 0 : progress.matchIndex;
