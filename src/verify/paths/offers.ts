import { isDeepStrictEqual } from 'node:util';
import { timerNameOf } from '../../node/step.ts';
import {
  currentConfiguration,
  firstConfiguration,
  isJoint,
  type Member,
  membersOf,
} from '../../raft/configuration.ts';
import type { MemberChange } from '../../raft/members.ts';
import { leaseEndMs } from '../../raft/reads.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Dispensable } from './chart-without.ts';
import {
  type Change,
  type Environment,
  endOf,
  isBehind,
  isPrefix,
  isVoterIn,
  logOf,
  membersIn,
  type Terms,
  withCommitted,
  withLeader,
  withLog,
  withMatched,
  withPeerLog,
  withRival,
  withVote,
} from './environment.ts';
import { hostile } from './hostile-offers.ts';
import { snapshotChunks, testedNode } from './model-node.ts';
import type { ModelNode } from './modelled-node.ts';
import type { Bounds, Offer, Scene, Wants } from './offer.ts';
import { appendOf, commandAt } from './offered-append.ts';
import { chunkAt } from './offered-chunk.ts';
import type { PathEntry, PathEvent, PathMessage } from './path.ts';

/** Everything that can happen to a node in this environment and is wanted, simplest first. */
export function* offersIn(
  node: ModelNode,
  env: Environment,
  voters: readonly NodeId[],
  bounds: Bounds,
  wants: Wants,
): Generator<Offer> {
  const offers = untimedOffers(node, env, voters, bounds, wants);
  for (const offer of bounds.isTimed ? timed(node, env, offers) : offers) {
    if (isSpoken(offer.event, bounds)) yield offer;
  }
}

/** Whether peers that do without the same things as the node say this. */
const isSpoken = (event: PathEvent, { lacks, hints, maxEntries }: Bounds): boolean => {
  if (event.type !== 'deliver') return true;
  const { message } = event;
  if (message.type === 'PreVote' || message.type === 'PreVoteResponse') return !lacks.includes('preVote');
  if (message.type === 'AppendEntries') return message.entries.length <= maxEntries;
  if (message.type !== 'AppendEntriesResponse' || message.success || hints) return true;
  return message.conflictTerm === 0 && message.conflictIndex === Math.max(message.prevLogIndex, 1);
};

/** The event as peers that do without the same things would bring it about: without a no-op, a command opens a term. */
export const asSpoken = (event: PathEvent, lacks: readonly Dispensable[]): PathEvent => {
  if (event.type !== 'deliver' || !lacks.includes('noop')) return event;
  const { message } = event;
  if (message.type !== 'AppendEntries') return event;
  const entries = message.entries.map((entry, at): PathEntry => {
    const index = message.prevLogIndex + at + 1;
    return entry.kind === 'noop'
      ? { ...entry, kind: 'command', payload: commandAt(entry.term, index) }
      : entry;
  });
  return { ...event, message: { ...message, entries } };
};

/** Whether these are the same thing, at whatever times they happen. */
export const isSameButForTime = (a: PathEvent, b: PathEvent): boolean =>
  isDeepStrictEqual(timeless(a), timeless(b));

const timeless = (event: PathEvent): PathEvent => {
  if (event.type !== 'deliver' && event.type !== 'read') return event;
  const { nowMs: _, ...rest } = event;
  return rest;
};

function* untimedOffers(
  node: ModelNode,
  env: Environment,
  voters: readonly NodeId[],
  bounds: Bounds,
  wants: Wants,
): Generator<Offer> {
  const context = node.snapshot.context;
  const log = logOf(env, node);
  const scene: Scene = { node, log, term: context.currentTerm, env, voters, bounds, wants };
  const plain = (event: PathEvent): Offer => ({ event, isHostile: false, environment: env });
  for (const timer of new Set(node.armed.map((type) => timerNameOf(type)))) {
    // An election beyond the last term would only repeat what earlier ones show.
    if (timer === 'electionTimeout' && context.currentTerm > bounds.maxTerm) continue;
    yield plain({ type: 'timeout', timer });
  }
  if (!node.isSplit) yield plain({ type: 'restart' });
  if (node.queue.length > 0) yield plain({ type: 'durable' });
  if (!node.isSplit && node.queue.filter(({ type }) => type === 'write').length > 1) {
    yield plain({ type: 'durable', writes: 1 });
  }
  if (node.committed > context.lastApplied) yield plain({ type: 'applied' });
  for (const commands of [['a'], ['aaaa', 'bbbb'], ['aaaaa', 'bbbb'], ['aaaaaaaaa'], ['a', 'b', 'c']]) {
    if (log.length + commands.length > bounds.maxLog && log.length > 0) continue;
    yield plain({ type: 'propose', commands });
  }
  if (bounds.asks === 'everything') yield* requests(scene);
  if (bounds.members) yield* memberChanges(scene);
  if (bounds.snapshots && context.lastApplied > 0) yield plain({ type: 'snapshot' });
  if (node.checked !== null) for (const isSound of [true, false]) yield plain({ type: 'checked', isSound });
  if (membersIn(env, voters).length === 1) return;
  for (const peer of sendersIn(scene)) {
    if (isVoterIn(env, voters, peer)) {
      yield* voteRequests(scene, peer);
      yield* voteAnswers(scene, peer);
      yield* appends(scene, peer);
    }
    yield* appendAnswers(scene, peer);
    if (bounds.asks === 'everything' && isVoterIn(env, voters, peer)) yield* takeOvers(scene, peer);
    if (bounds.asks === 'everything') yield* readMessages(scene, peer);
    // What members a snapshot names is not settled where they change.
    if (bounds.snapshots && env.changes.length === 0) yield* chunks(scene, peer);
    if (bounds.snapshots) yield* chunkAnswers(scene, peer);
  }
  // A sole voter knows no peer that could be hostile.
  if (voters.length > 1) yield* hostile(scene);
}

/** Peers are interchangeable, so only those that already play a part, and one more. */
const sendersIn = ({ node, env, voters, bounds }: Scene): readonly NodeId[] => {
  const known = new Set<NodeId>();
  for (const votes of Object.values(env.votes))
    for (const voter of Object.keys(votes)) known.add(Number(voter));
  for (const peer of Object.keys(env.logs)) known.add(Number(peer));
  for (const matched of Object.values(env.matched))
    for (const p of Object.keys(matched)) known.add(Number(p));
  const peers = voters.filter((voter) => voter !== testedNode).slice(0, bounds.senders);
  const fresh = peers.find((peer) => !known.has(peer));
  // Links refuse whoever is a member no more.
  const members = membersOf(currentConfiguration(node.snapshot.context.configurations));
  const added = members.filter((member) => !voters.includes(member));
  return [...peers.filter((peer) => known.has(peer) || peer === fresh), ...added];
};

function* voteRequests({ log, term, env, voters, bounds, wants }: Scene, peer: NodeId): Generator<Offer> {
  const logs = logsNear(log, env, bounds);
  for (const type of ['RequestVote', 'PreVote'] as const) {
    for (const asked of [term + 1, term, term - 1, term + 2]) {
      if (asked < 1 || asked > bounds.maxTerm + (type === 'PreVote' ? 1 : 0)) continue;
      if (type === 'RequestVote' && (env.votes[asked]?.[peer] ?? peer) !== peer) continue;
      for (const held of logs) {
        const end = endOf(held);
        if (end.lastLogTerm >= asked) continue;
        if (isBehind(end, endOf(env.logs[peer] ?? []))) continue;
        const request = { from: peer, to: testedNode, term: asked, ...end };
        const isAsked = type === 'RequestVote' && mayTakeOver(env, bounds, peer, asked - 1, held);
        for (const leadershipTransfer of isAsked ? [false, true] : [false]) {
          const message: PathMessage =
            type === 'PreVote' ? { type, ...request } : { type, ...request, leadershipTransfer };
          if (!wants({ type: 'deliver', message }, false)) continue;
          const known = withLog(env, voters, held);
          if (known === null) continue;
          const shown = withPeerLog(known, peer, held);
          const environment = type === 'PreVote' ? shown : withRival(shown, peer, asked, end);
          if (environment === null) continue;
          yield { event: { type: 'deliver', message }, isHostile: false, environment };
        }
      }
    }
  }
}

/** Whether the leader of this term can have told `peer`, which held this log, to take over. Thesis §3.10. */
const mayTakeOver = (env: Environment, { asks }: Bounds, peer: NodeId, led: Term, held: Terms): boolean => {
  const leader = env.leaders[led];
  if (asks === 'nothing' || leader === undefined || leader.id === peer) return false;
  // It had caught up; what the leader appended when it gave up is not shown to everybody.
  return leader.id === testedNode
    ? (env.handedOver[led] ?? []).includes(peer)
    : isPrefix(leader.log, held) && held.at(-1) === led;
};

/** A client asks for a read, or wants another node to lead. */
function* requests({ env, voters, node, bounds }: Scene): Generator<Offer> {
  if (env.reads < maxReads) {
    const id = env.reads + 1;
    const environment = { ...env, reads: id };
    for (const nowMs of bounds.isTimed ? readTimes(node, env) : [undefined]) {
      const event: PathEvent = { type: 'read', id, ...(nowMs === undefined ? {} : { nowMs }) };
      yield { event, isHostile: false, environment: { ...environment, nowMs: nowMs ?? env.nowMs } };
    }
  }
  for (const target of [null, testedNode, ...voters.filter((voter) => voter !== testedNode), nobody]) {
    yield { event: { type: 'transfer', target }, isHostile: false, environment: env };
  }
}

/** A client wants other members. */
function* memberChanges({ log, env, bounds }: Scene): Generator<Offer> {
  // A change through a joint configuration is two entries.
  if (log.length + 2 > bounds.maxLog && log.length > 0) return;
  const wanted: readonly (readonly MemberChange[])[] = [
    [{ type: 'add', node: newcomer, member: newMember }],
    [{ type: 'promote', node: newcomer }],
    [{ type: 'demote', node: 3 }],
    [
      { type: 'promote', node: newcomer },
      { type: 'remove', node: testedNode },
    ],
    [{ type: 'remove', node: testedNode }],
    [{ type: 'remove', node: newcomer }],
    [1, 2, 3].map((node) => ({ type: 'demote', node })),
    // Of a voter, and of what may be a learner by then.
    [{ type: 'update', node: 3, member: { ...newMember, logId: otherDisk } }],
  ];
  for (const changes of wanted)
    yield { event: { type: 'change', changes }, isHostile: false, environment: env };
}

/** None of the first members, at an address that is no real one. */
export const newcomer: NodeId = 4;
export const newMember: Member = { peer: 'host:7004', client: null, logId: null };

/** The log id of a disk that nobody has. */
const otherDisk = 'e'.repeat(32);

/** In one path; more would only repeat what these show. */
const maxReads = 4;

/** No member of the cluster. */
const nobody: NodeId = 9;

/** The leader of this term, or of an earlier one, tells the node to take over, which holds its whole log. */
function* takeOvers({ log, term, env }: Scene, peer: NodeId): Generator<Offer> {
  for (const led of [term, term - 1]) {
    const leader = env.leaders[led];
    if (led < 1 || leader?.id !== peer || !isPrefix(leader.log, log) || log.at(-1) !== led) continue;
    const message: PathMessage = { type: 'TimeoutNow', from: peer, to: testedNode, term: led };
    yield { event: { type: 'deliver', message }, isHostile: false, environment: env };
  }
}

/** A follower asks how far a read must go, and what may come back to the node's own question. */
function* readMessages({ term, env, bounds }: Scene, peer: NodeId): Generator<Offer> {
  const envelope = { from: peer, to: testedNode };
  if (env.reads < maxReads) {
    const environment = { ...env, reads: env.reads + 1 };
    for (const asked of [term, term - 1, term + 1]) {
      if (asked < 1 || asked > bounds.maxTerm || env.leaders[asked]?.id === peer) continue;
      const message: PathMessage = { type: 'ReadIndex', ...envelope, term: asked, readId: environment.reads };
      yield { event: { type: 'deliver', message }, isHostile: false, environment };
    }
  }
  for (const { id: readId, to, term: asked } of env.forwarded) {
    if (to !== peer) continue;
    const answer = (about: Term, readIndex: LogIndex | null, environment: Environment): Offer => {
      const rest = { readId, success: readIndex !== null, readIndex: readIndex ?? 0 };
      const message: PathMessage = { type: 'ReadIndexResponse', ...envelope, term: about, ...rest };
      return { event: { type: 'deliver', message }, isHostile: false, environment };
    };
    const led = env.leaders[asked]?.id === peer ? env.leaders[asked]!.log : [];
    // It has committed an entry of its own term, and says how far it had got.
    const readIndex = led.lastIndexOf(asked) + 1;
    const committed = readIndex < env.committed.length ? env : withCommitted(env, led.slice(0, readIndex));
    if (readIndex > 0 && committed !== null) yield answer(asked, readIndex, committed);
    for (const about of [asked, term, term + 1]) {
      if (about >= asked && about <= bounds.maxTerm) yield answer(about, null, env);
    }
  }
}

/** The same offers, with the time: it passes when a timer expires, and otherwise stands still. */
function* timed(node: ModelNode, env: Environment, offers: Generator<Offer>): Generator<Offer> {
  const { settings } = node.snapshot.context;
  for (const offer of offers) {
    const { event, environment } = offer;
    if (event.type === 'deliver') yield { ...offer, event: { ...event, nowMs: env.nowMs } };
    else if (event.type === 'timeout') {
      // As long as the longest: what matters is that some passes.
      const passedMs =
        event.timer === 'heartbeatInterval' ? settings.heartbeatIntervalMs : settings.electionTimeoutMaxMs;
      yield { ...offer, environment: { ...environment, nowMs: env.nowMs + passedMs } };
    } else yield offer;
  }
}

/** At once, and at the last moment of the lease and the first one after it. */
const readTimes = ({ snapshot: { context } }: ModelNode, { nowMs }: Environment): readonly number[] => {
  const exactMs = leaseEndMs(context);
  if (exactMs === null) return [nowMs];
  const endMs = Math.ceil(exactMs);
  return [nowMs, endMs - 1, endMs].filter((timeMs) => timeMs >= nowMs);
};

function* voteAnswers({ term, env, bounds }: Scene, peer: NodeId): Generator<Offer> {
  const best = endOf(env.logs[peer] ?? []);
  const answer = (
    type: 'PreVoteResponse' | 'RequestVoteResponse',
    about: Term,
    voteGranted: boolean,
    environment: Environment,
  ): Offer => ({
    event: { type: 'deliver', message: { type, from: peer, to: testedNode, term: about, voteGranted } },
    isHostile: false,
    environment,
  });
  for (const asked of Object.keys(env.preVotes).map(Number).toReversed()) {
    const end = env.preVotes[asked]!;
    if (!isBehind(end, best) && !isBehind(end, endOf(env.committed))) {
      yield answer('PreVoteResponse', asked, true, env);
    }
  }
  if (Object.keys(env.preVotes).length > 0) {
    for (const own of [term, term + 1, term - 1]) {
      if (own >= 0 && own <= bounds.maxTerm) yield answer('PreVoteResponse', own, false, env);
    }
  }
  for (const asked of Object.keys(env.campaigns).map(Number).toReversed()) {
    const end = env.campaigns[asked]!;
    const leader = env.leaders[asked];
    const isFree = (env.votes[asked]?.[peer] ?? testedNode) === testedNode && leader?.id !== null;
    if (isFree && !isBehind(end, best) && !isBehind(end, endOf(env.committed))) {
      yield answer('RequestVoteResponse', asked, true, withVote(env, peer, asked, testedNode));
    }
    if (env.votes[asked]?.[peer] !== testedNode) yield answer('RequestVoteResponse', asked, false, env);
    if (term + 1 <= bounds.maxTerm) yield answer('RequestVoteResponse', term + 1, false, env);
  }
}

function* appends({ node, log, term, env, voters, bounds, wants }: Scene, peer: NodeId): Generator<Offer> {
  const { commitIndex } = node.snapshot.context;
  for (const led of [term, term + 1, term - 1, term + 2]) {
    if (led < 1 || led > bounds.maxTerm) continue;
    const known = env.leaders[led];
    nextLog: for (const held of leaderLogs(log, env, bounds, peer, led)) {
      if (held.length > bounds.maxLog) continue;
      let leading: Environment | null | undefined;
      for (let prev = held.length; prev >= 0; prev--) {
        for (let last = Math.min(held.length, prev + 2); last >= prev; last--) {
          // An invented log is as short as can be.
          if (last < held.length - 1 && held.length > (known?.log.length ?? 0)) continue;
          for (const leaderCommit of new Set([0, commitIndex, commitIndex + 1, last, last + 1, last - 1])) {
            if (leaderCommit < 0 || leaderCommit > held.length) continue;
            const isNewest = last === held.length && last > prev && last > (known?.log.length ?? 0);
            const isReady = isNewest && leaderCommit >= last - 1 && held[last - 2] === led;
            for (const change of [null, ...(bounds.members && isReady ? changesIn(env, voters, held) : [])]) {
              const changes = change === null ? env.changes : [...env.changes, change];
              const message = appendOf(peer, led, held, prev, last, leaderCommit, changes);
              if (!wants({ type: 'deliver', message }, false)) continue;
              if (leading === undefined) leading = withLeader(env, voters, peer, led, held);
              if (leading === null) continue nextLog;
              const environment = withCommitted(leading, held.slice(0, leaderCommit));
              if (environment === null) continue;
              yield {
                event: { type: 'deliver', message },
                isHostile: false,
                environment: { ...environment, changes },
              };
            }
          }
        }
      }
    }
  }
}

/** The configurations that the last entry of this log may hold: other members, or the end of a joint configuration. Thesis §4.3. */
const changesIn = (env: Environment, voters: readonly NodeId[], held: Terms): readonly Change[] => {
  const index = held.length;
  const term = held[index - 1]!;
  const joint = env.changes.find(
    (each) => each.configuration.index === index - 1 && each.term === held[index - 2],
  );
  if (joint !== undefined) {
    const { configuration } = joint;
    return isJoint(configuration) ? [{ term, configuration: { ...configuration, index, outgoing: [] } }] : [];
  }
  if (env.changes.length > 0) return [];
  const first = { ...firstConfiguration(voters), index };
  const others = (...gone: readonly NodeId[]) => voters.filter((voter) => !gone.includes(voter));
  return [
    { ...first, learners: [newcomer], members: { [newcomer]: newMember } },
    { ...first, voters: others(testedNode), outgoing: voters, learners: [testedNode] },
    { ...first, voters: others(testedNode), outgoing: voters },
  ].map((configuration) => ({ term, configuration }));
};

/** Logs with which `peer` may lead this term; none if it cannot. */
const leaderLogs = (
  own: Terms,
  env: Environment,
  bounds: Bounds,
  peer: NodeId,
  led: Term,
): readonly Terms[] => {
  const known = env.leaders[led];
  if (known === undefined) {
    return logsNear(own, env, bounds)
      .filter((base) => (base.at(-1) ?? 0) < led)
      .flatMap((base) => [base, [...base, led], [...base, led, led]]);
  }
  if (known.id !== null && known.id !== peer) return [];
  return [known.log, [...known.log, led], [...known.log, led, led]];
};

/** A leader sends a chunk of the snapshot of what it has committed. */
function* chunks({ node, log, term, env, voters, bounds, wants }: Scene, peer: NodeId): Generator<Offer> {
  const { commitIndex, incoming } = node.snapshot.context;
  for (const led of [term, term + 1, term - 1]) {
    if (led < 1 || led > bounds.maxTerm) continue;
    for (const held of leaderLogs(log, env, bounds, peer, led)) {
      if (held.length > bounds.maxLog) continue;
      const ends = new Set([commitIndex + 1, commitIndex + 2, incoming?.index ?? commitIndex, commitIndex]);
      for (const index of ends) {
        if (index < 1 || index > held.length) continue;
        for (let offset = 0; offset < snapshotChunks; offset++) {
          const message = chunkAt(peer, led, held, index, offset, voters);
          if (!wants({ type: 'deliver', message }, false)) continue;
          const leading = withLeader(env, voters, peer, led, held);
          const environment = leading === null ? null : withCommitted(leading, held.slice(0, index));
          if (environment === null) continue;
          yield { event: { type: 'deliver', message }, isHostile: false, environment };
        }
      }
    }
  }
}

/** A follower answers a chunk: it waits for another one, or holds all that the snapshot stands for. */
function* chunkAnswers({ term, env, bounds }: Scene, peer: NodeId): Generator<Offer> {
  const answer = (about: Term, rest: object, environment: Environment): Offer => ({
    event: {
      type: 'deliver',
      message: {
        type: 'InstallSnapshotResponse',
        from: peer,
        to: testedNode,
        term: about,
        success: false,
        matchIndex: 0,
        offset: 0,
        ...rest,
      } as PathMessage,
    },
    isHostile: false,
    environment,
  });
  for (const { term: led, to, lastIncludedIndex, offset, done, round } of env.installs.toReversed()) {
    if (to !== peer || led < term - 1) continue;
    const success = withMatched(env, peer, led, lastIncludedIndex);
    if (success !== null) {
      const matchIndex = lastIncludedIndex;
      yield answer(led, { lastIncludedIndex, success: true, matchIndex, round }, success);
    }
    for (const wanted of done ? [0] : [offset + 1, 0]) {
      yield answer(led, { lastIncludedIndex, offset: wanted, round }, env);
    }
    if (term + 1 <= bounds.maxTerm) yield answer(term + 1, { lastIncludedIndex, round }, env);
  }
}

function* appendAnswers({ term, env, voters, bounds }: Scene, peer: NodeId): Generator<Offer> {
  const answer = (about: Term, rest: object, environment: Environment): Offer => ({
    event: {
      type: 'deliver',
      message: {
        type: 'AppendEntriesResponse',
        from: peer,
        to: testedNode,
        term: about,
        success: false,
        prevLogIndex: 0,
        matchIndex: 0,
        conflictTerm: 0,
        conflictIndex: 0,
        round: 0,
        ...rest,
      } as PathMessage,
    },
    isHostile: false,
    environment,
  });
  for (const request of env.appends.toReversed()) {
    const { term: led, to, prevLogIndex, lastIndex, round } = request;
    // An answer that is older still says nothing new, but may be told.
    if (to !== peer || led < term - (bounds.isThorough ? 2 : 1)) continue;
    const leaderLog = env.leaders[led]!.log;
    const acknowledged = env.matched[led]?.[peer] ?? 0;
    // What the peer is known to hold of the leader's log determines what it can answer.
    const own = env.logs[peer] ?? [];
    const success = withMatched(env, peer, led, lastIndex);
    if (success !== null)
      yield answer(led, { success: true, prevLogIndex, matchIndex: lastIndex, round }, success);
    if (prevLogIndex > acknowledged && !isPrefix(leaderLog.slice(0, prevLogIndex), own)) {
      for (let conflictIndex = prevLogIndex; conflictIndex > acknowledged; conflictIndex--) {
        yield answer(led, { prevLogIndex, conflictIndex, round }, env);
      }
      const termThere = leaderLog[prevLogIndex - 1]!;
      for (let conflictTerm = led - 1; conflictTerm >= 1; conflictTerm--) {
        if (conflictTerm === termThere) continue;
        for (let conflictIndex = prevLogIndex; conflictIndex > acknowledged; conflictIndex--) {
          const follower = [
            ...leaderLog.slice(0, conflictIndex - 1),
            ...Array(prevLogIndex - conflictIndex + 1).fill(conflictTerm),
          ];
          if ((follower[conflictIndex - 2] ?? 0) >= conflictTerm) continue;
          const environment = withLog(env, voters, follower);
          if (environment === null) continue;
          yield answer(led, { prevLogIndex, conflictTerm, conflictIndex, round }, environment);
        }
      }
    }
    const backTo = wentBackTo(env, request, acknowledged);
    // Late: the peer has accepted as much since.
    if (backTo !== null) yield answer(led, { prevLogIndex, conflictIndex: backTo + 1, round }, env);
    if (term + 1 <= bounds.maxTerm) {
      // Each term counts its own rounds.
      yield answer(term + 1, { prevLogIndex, conflictIndex: 1, round: 0 }, env);
    }
  }
}

/** Where the node went back to after this request, since the peer, which holds `prevLogIndex` by now, had rejected it; null: it did not. */
const wentBackTo = (
  { appends }: Environment,
  request: Environment['appends'][number],
  acknowledged: LogIndex,
): LogIndex | null => {
  const { term, to, prevLogIndex } = request;
  if (prevLogIndex > acknowledged) return null;
  const later = appends.slice(appends.indexOf(request) + 1);
  const back = later.find((each) => each.term === term && each.to === to && each.prevLogIndex < prevLogIndex);
  return back?.prevLogIndex ?? null;
};

/** Logs that correct peers may hold, nearest to the node's own first. */
const logsNear = (own: Terms, env: Environment, { maxTerm, maxLog }: Bounds): readonly Terms[] => {
  const bases: Terms[] = [own];
  for (let end = own.length - 1; end >= 0; end--) bases.push(own.slice(0, end));
  for (const { log } of Object.values(env.leaders)) {
    for (let end = log.length; end > 0; end--) bases.push(log.slice(0, end));
  }
  const logs = new Map<string, Terms>();
  for (const base of bases) logs.set(base.join(), base);
  for (const base of bases) {
    for (let term = Math.max(1, base.at(-1) ?? 1); term < maxTerm; term++) {
      for (const added of [[term], [term, term]]) {
        const log = [...base, ...added];
        if (log.length <= maxLog && !logs.has(log.join())) logs.set(log.join(), log);
      }
    }
  }
  return [...logs.values()];
};
