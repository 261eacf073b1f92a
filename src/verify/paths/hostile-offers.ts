import type { Progress } from '../../raft/progress.ts';
import { maxTermJump } from '../../raft/term.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Environment, Terms } from './environment.ts';
import { testedNode } from './model-node.ts';
import type { ModelNode } from './modelled-node.ts';
import type { Offer, Scene } from './offer.ts';
import { appendOf } from './offered-append.ts';
import { chunkAt } from './offered-chunk.ts';
import type { PathMessage } from './path.ts';

/** A node that is not a member of the cluster. */
const stranger: NodeId = 9;

/** What no correct peer says. How the node responds is its own defence. */
export function* hostile(scene: Scene): Generator<Offer> {
  const { node, log, term, env, voters, bounds } = scene;
  const { context } = node.snapshot;
  const bad = (message: PathMessage): Offer => ({
    event: { type: 'deliver', message },
    isHostile: true,
    environment: env,
  });
  const answer = {
    type: 'AppendEntriesResponse' as const,
    to: testedNode,
    term,
    success: true,
    prevLogIndex: log.length,
    matchIndex: log.length,
    conflictTerm: 0,
    conflictIndex: 0,
    round: context.round,
  };
  const led = env.leaders[term];
  for (const beyond of [maxTermJump, maxTermJump + 1]) {
    yield bad({
      type: 'RequestVoteResponse',
      from: 2,
      to: testedNode,
      term: term + beyond,
      voteGranted: false,
    });
  }
  if (bounds.asks === 'everything') yield* hostileRequests(bad, node, log, env);
  if (bounds.snapshots) yield* hostileSnapshots(bad, scene);
  if (led?.id === testedNode) {
    yield bad({ ...answer, from: 2, round: context.round + 1 });
    yield bad(appendOf(2, term, log, log.length, log.length, 0, env.changes));
    yield bad({ ...answer, from: stranger });
    yield bad({ ...answer, from: 2, matchIndex: log.length + 1 });
    const { matchIndex = 0, matchRound = 0 } = context.progress[2] ?? {};
    // A follower that lost its disk: proof only in a later round than the one in which it was known to hold that much.
    if (matchIndex > 0 && matchRound < context.round) {
      const lost = {
        ...answer,
        from: 2,
        success: false,
        prevLogIndex: matchIndex,
        matchIndex: 0,
        conflictIndex: 1,
      };
      for (const round of [matchRound + 1, matchRound]) yield { ...bad({ ...lost, round }), isFault: true };
    }
    for (const [prevLogIndex, conflictTerm, conflictIndex] of rejections(context.progress[2], log)) {
      yield bad({
        ...answer,
        from: 2,
        success: false,
        prevLogIndex,
        matchIndex: 0,
        conflictTerm,
        conflictIndex,
      });
    }
  }
  // An answer to a question that was never asked.
  if (voters.length === 3 && env.campaigns[term] !== undefined && led?.id !== testedNode) {
    yield bad({ ...answer, from: 2 });
  }
  if (voters.length > 3) {
    if (env.preVotes[term + 1] !== undefined) {
      yield bad({
        type: 'PreVoteResponse',
        from: stranger,
        to: testedNode,
        term: term + 1,
        voteGranted: true,
      });
    }
    if (env.campaigns[term] !== undefined) {
      yield bad({ type: 'RequestVoteResponse', from: stranger, to: testedNode, term, voteGranted: true });
    }
  }
  if (bounds.isThorough) yield* hostileEverywhere(bad, node, log, env);
  if (voters.length === 3 && context.commitIndex > 0 && env.leaders[term + 1] === undefined) {
    yield bad(appendOf(3, term + 1, [term + 1], 0, 1, 0, env.changes));
  }
  if (led !== undefined && led.id !== testedNode && led.id !== null) {
    for (let at = 1; at <= Math.min(context.commitIndex + 1, log.length); at++) {
      if (log[at - 1] === term || at > context.commitIndex) continue;
      const forged = [...log.slice(0, at - 1), term];
      yield bad(appendOf(led.id, term, forged, at - 1, at, 0, env.changes));
    }
  }
}

/** What peers say about transfers and reads that nobody asked them to. */
function* hostileRequests(
  bad: (message: PathMessage) => Offer,
  { snapshot }: ModelNode,
  log: Terms,
  env: Environment,
): Generator<Offer> {
  const { currentTerm: term } = snapshot.context;
  if (term === 0) return;
  const envelope = { from: 2, to: testedNode, term };
  // Not from a leader that the node has followed to the end of its log.
  if (env.leaders[term]?.id !== 2) yield bad({ ...envelope, type: 'TimeoutNow' });
  // A candidate that no leader can have asked, since its log is older.
  const rival = env.leaders[term]?.id === 2 ? 3 : 2;
  const lastLogTerm = log.findLast((each) => each < term) ?? 0;
  const lastLogIndex = log.findLastIndex((each) => each < term) + 1;
  const vote = { ...envelope, from: rival, type: 'RequestVote' as const, leadershipTransfer: true };
  yield bad({ ...vote, lastLogIndex, lastLogTerm });
  // No read of this node has such a name.
  const readId = 99;
  yield bad({ ...envelope, type: 'ReadIndexResponse', readId, success: true, readIndex: log.length });
  yield bad({ ...envelope, type: 'ReadIndexResponse', readId, success: false, readIndex: 0 });
}

/** A second leader's snapshot, and answers that no correct follower gives. */
function* hostileSnapshots(
  bad: (message: PathMessage) => Offer,
  { node, log, env, voters }: Scene,
): Generator<Offer> {
  const { context } = node.snapshot;
  const { currentTerm: term, round, progress, snapshot } = context;
  if (term === 0) return;
  const isLeader = env.leaders[term]?.id === testedNode;
  if (isLeader && log.length > 0) yield bad(chunkAt(2, term, log, log.length, 0, voters));
  const answer = {
    type: 'InstallSnapshotResponse' as const,
    from: 2,
    to: testedNode,
    term,
    lastIncludedIndex: snapshot.index,
    success: true,
    matchIndex: snapshot.index,
    offset: 0,
    round,
  };
  if (!isLeader) {
    // To a snapshot that was never sent.
    yield bad(answer);
    return;
  }
  yield bad({ ...answer, from: stranger });
  yield bad({ ...answer, matchIndex: log.length + 1 });
  yield bad({ ...answer, round: round + 1 });
  if (progress[2]?.state === 'lost') yield bad(answer);
}

type Rejection = readonly [prevLogIndex: LogIndex, conflictTerm: Term, conflictIndex: LogIndex];

/** Rejections just beyond each limit that a correct follower keeps to: what it was sent, what it holds, what it can hint at. */
function* rejections(progress: Progress | undefined, log: Terms): Generator<Rejection> {
  if (progress === undefined) return;
  const { state, nextIndex, matchIndex, inflight } = progress;
  const prev = nextIndex - 1;
  // A late one, from before it held that much.
  if (matchIndex > 0) yield [matchIndex, 0, 1];
  // For what was not sent yet; what was sent does not matter.
  if (state === 'replicate' && inflight.length === 0) yield [nextIndex, 0, nextIndex];
  if (prev <= matchIndex) return;
  // Back to what it has acknowledged.
  if (matchIndex > 0) yield [prev, 0, matchIndex];
  // Naming the very term that the leader has there, and which begins there.
  if (prev > matchIndex + 1 && log[prev - 1] !== log[prev - 2]) yield [prev, log[prev - 1]!, prev - 1];
}

/** Defences that only show up in pairs. */
function* hostileEverywhere(
  bad: (message: PathMessage) => Offer,
  { snapshot }: ModelNode,
  log: Terms,
  env: Environment,
): Generator<Offer> {
  const { currentTerm: term, commitIndex } = snapshot.context;
  // Votes that were not asked for, since the request waits for the disk.
  const vote = { from: 2, to: testedNode, voteGranted: true };
  if (env.preVotes[term + 1] === undefined) yield bad({ ...vote, type: 'PreVoteResponse', term: term + 1 });
  if (env.campaigns[term] === undefined) yield bad({ ...vote, type: 'RequestVoteResponse', term });
  const led = env.leaders[term]?.id;
  // It would replace the first entry with one of another term.
  const forged = log[0] === term ? term - 1 : term;
  if (commitIndex > 0 && led !== testedNode && forged > 0) {
    yield bad(appendOf(led ?? 3, term, [forged], 0, 1, 0, env.changes));
  }
}
