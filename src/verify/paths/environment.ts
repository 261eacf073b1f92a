import { isDeepStrictEqual } from 'node:util';
import { type Configuration, firstConfiguration, isVoter, membersOf } from '../../raft/configuration.ts';
import { isLogBehind } from '../../raft/election.ts';
import { emptyLog } from '../../raft/log-shape.ts';
import type { Message, RequestVote } from '../../raft/messages.ts';
import { hasQuorum } from '../../raft/quorum.ts';
import type { LogIndex, NodeId, Round, Term } from '../../raft/types.ts';
import { testedNode } from './model-node.ts';
import type { ModelNode, ModelStep } from './modelled-node.ts';

/** A log as its entries' terms, from index 1 on: (index, term) names an entry. Raft paper §5.3, Log Matching. */
export type Terms = readonly Term[];

interface Leader {
  /** Null: some unknown peer, since a log holds entries of that term. */
  readonly id: NodeId | null;
  /** As far as anyone has shown it. The leader may hold more entries of this term, but nothing else. */
  readonly log: Terms;
}

/** A request of the node under test; a response must answer one. */
interface Append {
  readonly term: Term;
  readonly to: NodeId;
  readonly prevLogIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly round: Round;
}

/** A chunk of the node's snapshot; an answer must be to one. */
interface Install {
  readonly term: Term;
  readonly to: NodeId;
  readonly lastIncludedIndex: LogIndex;
  readonly offset: number;
  readonly done: boolean;
  readonly round: Round;
}

/** A read that the node forwarded to this peer; an answer must name one. */
interface Forwarded {
  readonly id: number;
  readonly to: NodeId;
  readonly term: Term;
}

/** A configuration other than the first one, and its entry. */
export interface Change {
  readonly term: Term;
  readonly configuration: Configuration;
}

/** Where a log ends, as a vote request states it. */
type LogEnd = Pick<RequestVote, 'lastLogTerm' | 'lastLogIndex'>;

/**
 * What everything said so far settles about the peers. Nothing else about them is decided: each message
 * decides what it must, and no correct peer could send a message that contradicts what is settled.
 */
export interface Environment {
  readonly leaders: Readonly<Record<Term, Leader>>;
  /** By term: who is known to have voted for whom. */
  readonly votes: Readonly<Record<Term, Readonly<Record<NodeId, NodeId>>>>;
  /** By term: the end of the node's log when it asked for pre-votes and for votes. */
  readonly preVotes: Readonly<Record<Term, LogEnd>>;
  readonly campaigns: Readonly<Record<Term, LogEnd>>;
  /** By term: where the log of each peer that asked for votes ended. It does not change while the peer campaigns. */
  readonly rivals: Readonly<Record<Term, Readonly<Record<NodeId, LogEnd>>>>;
  readonly appends: readonly Append[];
  readonly installs: readonly Install[];
  /** Committed for certain: every leader of a later term than its last entry's holds it. Raft paper §5.4.3. */
  readonly committed: Terms;
  /** The most up-to-date log that each peer is known to have held. */
  readonly logs: Readonly<Record<NodeId, Terms>>;
  /** How far each peer has acknowledged the node's log, by term. */
  readonly matched: Readonly<Record<Term, Readonly<Record<NodeId, LogIndex>>>>;
  /** How many reads clients and followers have asked for: each has a name of its own. */
  readonly reads: number;
  readonly forwarded: readonly Forwarded[];
  /** By term: whom the node told to take over. */
  readonly handedOver: Readonly<Record<Term, readonly NodeId[]>>;
  /** The configurations that the node has ever held in its log; a peer may hold any of them, or none. */
  readonly changes: readonly Change[];
  /** The time by the node's clock. It passes only where something waits for it. */
  readonly nowMs: number;
}

export const emptyEnvironment: Environment = {
  leaders: {},
  votes: {},
  preVotes: {},
  campaigns: {},
  rivals: {},
  appends: [],
  installs: [],
  committed: [],
  logs: {},
  matched: {},
  reads: 0,
  forwarded: [],
  handedOver: {},
  changes: [],
  nowMs: 0,
};

export const isPrefix = (some: Terms, all: Terms): boolean =>
  some.length <= all.length && some.every((term, at) => all[at] === term);

export const endOf = (log: Terms): LogEnd => ({ lastLogTerm: log.at(-1) ?? 0, lastLogIndex: log.length });

/** Whether a log that ends at `end` is less up to date than one that ends at `other`, as a voter who holds that would say. */
export const isBehind = (end: LogEnd, { lastLogTerm, lastLogIndex }: LogEnd): boolean =>
  // Where only the end of a log is known, the rest is treated as covered by a snapshot.
  isLogBehind(
    { log: { ...emptyLog, snapshotTerm: lastLogTerm, snapshotIndex: lastLogIndex, lastIndex: lastLogIndex } },
    end,
  );

const isSameEnd = (a: LogEnd, b: LogEnd): boolean => !isBehind(a, b) && !isBehind(b, a);

/** The configurations that some node may go by. */
const configurationsIn = ({ changes }: Environment, voters: readonly NodeId[]): readonly Configuration[] => [
  firstConfiguration(voters),
  ...changes.map(({ configuration }) => configuration),
];

/** Whether these peers suffice to elect a leader, whichever of the configurations it goes by. */
const isMajority = (env: Environment, peers: readonly NodeId[], voters: readonly NodeId[]): boolean =>
  configurationsIn(env, voters).every((configuration) => hasQuorum(configuration, peers));

/** Everybody who is or was a member; ascending. */
export const membersIn = (env: Environment, voters: readonly NodeId[]): readonly NodeId[] =>
  env.changes.length === 0
    ? voters
    : [...new Set(configurationsIn(env, voters).flatMap(membersOf))].sort((a, b) => a - b);

/** Whether this peer votes and campaigns, whichever of the configurations it goes by. */
export const isVoterIn = (env: Environment, voters: readonly NodeId[], peer: NodeId): boolean =>
  configurationsIn(env, voters).every((configuration) => isVoter(configuration, peer));

/** The environment once somebody is known to hold this log; null: nobody can. */
export const withLog = (env: Environment, voters: readonly NodeId[], log: Terms): Environment | null => {
  let { leaders } = env;
  for (let end = 1; end <= log.length; end++) {
    const term = log[end - 1]!;
    if (log[end] === term) continue;
    const prefix = log.slice(0, end);
    const known = leaders[term];
    if (known === undefined) {
      const begun = endAtElection(prefix, term);
      const peers = membersIn(env, voters).filter((peer) => peer !== testedNode);
      if (!peers.some((peer) => canLead(env, voters, peer, term, begun))) return null;
      if (!holdsCommitted(env, prefix, term)) return null;
      leaders = { ...leaders, [term]: { id: null, log: prefix } };
    } else if (known.log.length >= end) {
      if (!isPrefix(prefix, known.log)) return null;
    } else {
      const added = prefix.slice(known.log.length);
      if (known.id === testedNode || !isPrefix(known.log, prefix) || added.some((each) => each !== term)) {
        return null;
      }
      leaders = { ...leaders, [term]: { ...known, log: prefix } };
    }
  }
  return leaders === env.leaders ? env : { ...env, leaders };
};

/** Whether, by what is known, this peer can have won this term with a log that ended here. Raft paper §5.2, Election Safety. */
const canLead = (
  env: Environment,
  voters: readonly NodeId[],
  peer: NodeId,
  term: Term,
  end: LogEnd,
): boolean => {
  const leader = env.leaders[term];
  if (leader !== undefined && leader.id !== null) return leader.id === peer;
  return isVoterIn(env, voters, peer) && isMajority(env, supportersOf(env, voters, peer, term, end), voters);
};

const supportersOf = (
  env: Environment,
  voters: readonly NodeId[],
  peer: NodeId,
  term: Term,
  end: LogEnd,
): readonly NodeId[] => {
  const votes = env.votes[term] ?? {};
  if ((votes[peer] ?? peer) !== peer || hasMore(env, peer, term, end)) return [];
  return membersIn(env, voters).filter(
    (voter) =>
      // The node's own vote counts only if it was given: it cannot be invented.
      (votes[voter] ?? (voter === testedNode ? null : peer)) === peer && !hasMore(env, voter, term, end),
  );
};

/** A leader's log when it was elected: entries of its own term come later. */
const endAtElection = (log: Terms, term: Term): LogEnd => endOf(log.filter((each) => each < term));

/** Whether a voter had acknowledged more than a log that ended here before it could vote in this term. Raft paper §5.4.1. */
const hasMore = (env: Environment, voter: NodeId, term: Term, end: LogEnd): boolean =>
  Object.entries(env.matched).some(([key, matched]) => {
    const led = Number(key);
    if (led >= term) return false;
    const held = env.leaders[led]!.log.slice(0, matched[voter] ?? 0);
    if (!isBehind(end, endOf(held))) return false;
    // A leader in between that lacks it may have replaced it with less.
    for (let between = led + 1; between < term; between++) {
      const leader = env.leaders[between];
      if (leader === undefined || !isPrefix(held, leader.log)) return false;
    }
    return true;
  });

/** The environment once `peer` has acknowledged the node's log of `led` up to here; null: it had voted for less in a later term. */
export const withMatched = (
  env: Environment,
  peer: NodeId,
  led: Term,
  lastIndex: LogIndex,
): Environment | null => {
  const matchIndex = Math.max(env.matched[led]?.[peer] ?? 0, lastIndex);
  const matched = { ...env.matched, [led]: { ...env.matched[led], [peer]: matchIndex } };
  const next = withPeerLog({ ...env, matched }, peer, env.leaders[led]!.log.slice(0, lastIndex));
  for (const [key, votes] of Object.entries(env.votes)) {
    const term = Number(key);
    const candidate = votes[peer];
    const end = candidate === undefined ? null : endOfCampaign(env, candidate, term);
    if (end !== null && hasMore(next, peer, term, end)) return null;
  }
  return next;
};

/** Where a candidate's log ended; null if not yet shown. */
const endOfCampaign = (env: Environment, candidate: NodeId, term: Term): LogEnd | null => {
  if (candidate === testedNode) return env.campaigns[term] ?? null;
  const leader = env.leaders[term];
  return env.rivals[term]?.[candidate] ?? (leader?.id === candidate ? endAtElection(leader.log, term) : null);
};

const holdsCommitted = ({ committed }: Environment, log: Terms, term: Term): boolean =>
  committed.length === 0 || term <= committed.at(-1)! || isPrefix(committed, log);

/** The environment once `peer` leads `term` with this log; null: it cannot. */
export const withLeader = (
  env: Environment,
  voters: readonly NodeId[],
  peer: NodeId,
  term: Term,
  log: Terms,
): Environment | null => {
  const end = endAtElection(log, term);
  if (!canLead(env, voters, peer, term, end)) return null;
  const rival = env.rivals[term]?.[peer];
  if (rival !== undefined && !isSameEnd(rival, end)) return null;
  const known = env.leaders[term];
  if (known !== undefined && known.log.length > log.length && !isPrefix(log, known.log)) return null;
  if (known !== undefined && known.log.length <= log.length) {
    const added = log.slice(known.log.length);
    if (!isPrefix(known.log, log) || added.some((each) => each !== term)) return null;
  }
  if (known === undefined && !holdsCommitted(env, log, term)) return null;
  const held = withLog(env, voters, log);
  if (held === null) return null;
  const longest = known !== undefined && known.log.length > log.length ? known.log : log;
  let next = held;
  if (known?.id !== peer) {
    const supporters = supportersOf(env, voters, peer, term, end).toSorted((a, b) =>
      a === peer ? -1 : b === peer ? 1 : a - b,
    );
    // Settles no more votes than necessary.
    const needed = supporters.findIndex((_, at) => isMajority(env, supporters.slice(0, at + 1), voters)) + 1;
    for (const voter of supporters.slice(0, needed)) next = withVote(next, voter, term, peer);
  }
  next = { ...next, leaders: { ...next.leaders, [term]: { id: peer, log: longest } } };
  return withPeerLog(next, peer, longest);
};

export const withVote = (env: Environment, voter: NodeId, term: Term, candidate: NodeId): Environment => {
  const votes = env.votes[term] ?? {};
  if (votes[voter] === candidate) return env;
  return { ...env, votes: { ...env.votes, [term]: { ...votes, [voter]: candidate } } };
};

/** The environment once `peer` has campaigned in `term` with a log that ends here; null: it cannot have. */
export const withRival = (env: Environment, peer: NodeId, term: Term, end: LogEnd): Environment | null => {
  const known = env.rivals[term]?.[peer];
  if (known !== undefined) return isSameEnd(known, end) ? env : null;
  const leader = env.leaders[term];
  // The log it leads with starts with the log it campaigned with.
  if (leader?.id === peer && !isSameEnd(end, endAtElection(leader.log, term))) return null;
  const rivals = { ...env.rivals, [term]: { ...env.rivals[term], [peer]: end } };
  return { ...withVote(env, peer, term, peer), rivals };
};

export const withPeerLog = (env: Environment, peer: NodeId, log: Terms): Environment => {
  const known = env.logs[peer];
  if (known !== undefined && !isBehind(endOf(known), endOf(log))) return env;
  return { ...env, logs: { ...env.logs, [peer]: log } };
};

/** The environment once a leader has committed `log`, whose last entry is at its commit index; null: none can have. */
export const withCommitted = (env: Environment, log: Terms): Environment | null => {
  if (log.length <= env.committed.length) return isPrefix(log, env.committed) ? env : null;
  if (!isPrefix(env.committed, log)) return null;
  const term = log.at(-1)!;
  // What the node under test did not commit in its own term, only a later leader can commit.
  if (env.leaders[term]?.id === testedNode) return null;
  for (const [later, leader] of Object.entries(env.leaders)) {
    if (Number(later) > term && !isPrefix(log, leader.log)) return null;
  }
  return { ...env, committed: log };
};

/** The whole of the node's log: what it has dropped is committed. */
export const logOf = ({ committed }: Environment, { log: { base, entries } }: ModelNode): Terms => [
  ...committed.slice(0, base),
  ...entries.map(({ term }) => term),
];

/** What the node's own step settles: what it asked of whom, whom it voted for, what it leads and commits. */
export const afterStep = (env: Environment, { expect, node }: ModelStep): Environment => {
  let next = env;
  const log = logOf(env, node);
  for (const message of expect.sent) next = afterSent(next, message as Message, log);
  if (expect.votedFor !== null) next = withVote(next, testedNode, expect.term, expect.votedFor);
  if (expect.role === 'leader') {
    const known = next.leaders[expect.term];
    if (known === undefined || known.log.length < log.length) {
      next = { ...next, leaders: { ...next.leaders, [expect.term]: { id: testedNode, log } } };
    }
  }
  const { commitIndex, configurations } = node.snapshot.context;
  for (const configuration of configurations) next = withChange(next, configuration, log);
  if (commitIndex > next.committed.length) next = { ...next, committed: log.slice(0, commitIndex) };
  return next;
};

const withChange = (env: Environment, configuration: Configuration, log: Terms): Environment => {
  if (configuration.index === 0) return env;
  const change = { term: log[configuration.index - 1]!, configuration };
  const isKnown = env.changes.some((each) => isDeepStrictEqual(each, change));
  return isKnown ? env : { ...env, changes: [...env.changes, change] };
};

const afterSent = (env: Environment, message: Message, log: Terms): Environment => {
  switch (message.type) {
    case 'PreVote':
      return { ...env, preVotes: { ...env.preVotes, [message.term]: endOf(log) } };
    case 'RequestVote':
      return { ...env, campaigns: { ...env.campaigns, [message.term]: endOf(log) } };
    case 'AppendEntries': {
      const { term, to, prevLogIndex, entries, round } = message;
      const append = { term, to, prevLogIndex, lastIndex: prevLogIndex + entries.length, round };
      const isKnown = env.appends.some(
        (each) =>
          each.term === term &&
          each.to === to &&
          each.prevLogIndex === prevLogIndex &&
          each.round === round &&
          each.lastIndex === append.lastIndex,
      );
      return isKnown ? env : { ...env, appends: [...env.appends, append] };
    }
    case 'InstallSnapshot': {
      const { term, to, lastIncludedIndex, offset, done, round } = message;
      const install = { term, to, lastIncludedIndex, offset, done, round };
      const isKnown = env.installs.some((each) => isDeepStrictEqual(each, install));
      return isKnown ? env : { ...env, installs: [...env.installs, install] };
    }
    case 'TimeoutNow': {
      const known = env.handedOver[message.term] ?? [];
      if (known.includes(message.to)) return env;
      return { ...env, handedOver: { ...env.handedOver, [message.term]: [...known, message.to] } };
    }
    case 'ReadIndex': {
      const { readId: id, to, term } = message;
      return { ...env, forwarded: [...env.forwarded, { id, to, term }] };
    }
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
    case 'AppendEntriesResponse':
    case 'InstallSnapshotResponse':
    case 'ReadIndexResponse':
      return env;
  }
};
