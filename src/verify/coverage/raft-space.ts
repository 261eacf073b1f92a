import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { roleOf } from '../../node/roles.ts';
import { createStepper, type RaftSnapshot, type Step, type TimerEvent } from '../../node/step.ts';
import type { Configuration } from '../../raft/configuration.ts';
import { encodeConfiguration } from '../../raft/configuration-payload.ts';
import { defaultSettings, type RaftContext, type RaftInput } from '../../raft/context.ts';
import type { Input } from '../../raft/inputs.ts';
import { append, emptyLog, termAt } from '../../raft/log-shape.ts';
import { emptyPayload, type NodeId, type Round } from '../../raft/types.ts';
import type { Space, SpaceEvent, SpaceStep } from '../../statechart/coverage/enumeration.ts';
import type { Universe } from '../../statechart/coverage/universe.ts';
import { stateNameOf } from '../../statechart/read/state-name.ts';
import { transitionIdOf } from '../../statechart/read/walk.ts';
import { delayOfTimer } from '../../statechart/read/xstate-internals.ts';
import { type Bounds, latestRound, maxRound, messagesWithin } from './messages-within.ts';

export type RaftSpace = Space<RaftSnapshot, Input | TimerEvent>;

/**
 * One node and everything that can happen to it within `bounds`: every message, whether or not a correct peer would send it;
 * every timer of its state; a command, and a request without one; what its disk and its state machine may report, which is only ever
 * the truth. A pipeline of one message is enough for a leader to have nothing, something, and no room left in flight.
 */
export const raftSpace = (
  bounds: Bounds,
  universe: Universe,
  machine: typeof raftMachine = raftMachine,
): RaftSpace => {
  const { maxTerm, maxLog, asks, isTimed } = bounds;
  // The length of a timer does not matter, since each can expire at any time.
  const stepper = createStepper(machine.provide({ actions: { drawElectionTimeout: () => {} } }));
  const settings = {
    ...defaultSettings,
    maxEntriesPerMessage: 1,
    maxMessagesInFlight: 1,
    leaseReads: isTimed,
    trailingEntries: 0,
    maxCatchUpRounds: 2,
  };
  const messages = messagesWithin(bounds).map((message) => ({
    trigger: message.type,
    event: { type: 'Received', message, ...(isTimed ? { nowMs: beginningMs } : {}) } as const,
  }));
  const atRound = messagesByRound(messages);
  const isReading = asks === 'reads' || asks === 'both';
  const isTransferring = asks === 'transfers' || asks === 'both';
  const timers = timersOf(universe);
  const placesOf = (state: RaftSnapshot) => universe.placesOf(stateNameOf(state));
  /** A timer may be armed in several places of a parallel state. */
  const armedIn = (state: RaftSnapshot): ReadonlySet<TimerEvent['type']> =>
    new Set(placesOf(state).flatMap((place) => [...(timers.get(place) ?? [])]));
  const peers = votersOf(bounds).filter((id) => id !== testedNode);

  const input = { id: testedNode, voters: votersOf(bounds), settings, ...membersOf(bounds) };
  const beginning = stepper.initial(input);
  /** On a disk with a term: it may have heard from a leader. */
  const restarted = stepper.initial({ ...input, hardState: { currentTerm: 1, votedFor: null } });

  const stepOf = (before: RaftSnapshot, step: Step, isStart = false): SpaceStep<RaftSnapshot> => {
    const { snapshot } = step;
    const { context } = snapshot;
    const transitions = step.taken.map(({ transition }) => transitionIdOf(transition));
    const isWithin =
      context.currentTerm <= maxTerm &&
      context.log.lastIndex <= maxLog &&
      (!hasLostFollower(context) || (isTransferring && context.reads.length === 0)) &&
      (!isReading || (context.round <= maxRound && context.reads.length <= maxReads));
    const isSame = !isStart && context === before.context && stateNameOf(snapshot) === stateNameOf(before);
    return {
      taken: step.taken.map(({ state, transition }, at) =>
        universe.idsOf(state, transition.eventType, transitions[at]!),
      ),
      unanswered: step.unanswered.flatMap(({ state, event: type }) => universe.idsOf(state, type, null)),
      next: isSame ? before : isWithin ? snapshot : null,
    };
  };

  return {
    name: nameOf(bounds),
    beginning: beginning.snapshot,
    starts: [beginning, restarted].map((start) => stepOf(start.snapshot, start, true)),
    eventsOf: (state) => [
      ...fromUnlike(asks === 'reads' ? messages : atRound(state.context.round), state.context, peers),
      ...[...armedIn(state)].map((type) => ({ trigger: type, event: { type } })),
      ...ownEvents(state, bounds).map((event) => ({ trigger: event.type, event })),
    ],
    step: (state, event) => stepOf(state, stepper.step(state, event)),
    keyOf: isReading ? keyOf : (state) => keyOf(withoutRounds(state)),
    placesOf,
  };
};

/** The bounds, for people. */
const nameOf = ({
  voters,
  maxTerm,
  maxLog,
  asks,
  isTimed,
  snapshots,
  changes,
  members,
  ...rest
}: Bounds): string =>
  [
    `${voters} ${voters === 1 ? 'voter' : 'voters'}`,
    `terms up to ${maxTerm}`,
    `logs up to ${maxLog}`,
    asks === 'nothing' ? '' : asks,
    isTimed ? 'leases' : '',
    snapshots ? 'snapshots' : '',
    changes === undefined ? '' : 'changes',
    members === undefined
      ? ''
      : partsOf(members)
          .map((ids) => `[${ids}]`)
          .join(' '),
    rest.sendsNoEntries ? 'no entries' : '',
  ]
    .filter((words) => words !== '')
    .join(', ');

const testedNode: NodeId = 1;

/** What the log of the node says of the members as it starts. */
const membersOf = ({ members }: Bounds): Partial<RaftInput> => {
  if (members === undefined) return {};
  if (members.index === 0) return { snapshot: { index: 0, term: 0, configuration: members } };
  const entry = { term: 1, payload: encodeConfiguration(members) };
  return {
    hardState: { currentTerm: 1, votedFor: null },
    log: append(emptyLog, [entry], defaultSettings.maxMessageBytes),
    configurations: [members],
  };
};

/** Waiting at once. What another one meets is taken, and then it leaves the bounds. */
const maxReads = 1;

/** Time stands still here, but for a read that is asked for after any lease. */
const beginningMs = 0;
const muchLaterMs = 1_000_000;

/** Where nobody reads, rounds matter only as far as answers are to the latest: all are alike. */
const withoutRounds = (state: RaftSnapshot): RaftSnapshot => {
  const { context } = state;
  const progress = Object.fromEntries(
    Object.entries(context.progress).map(([id, each]) => [id, { ...each, round: 0, matchRound: 0 }]),
  );
  return { ...state, context: { ...context, round: 0, checkedRound: 0, progress } } as RaftSnapshot;
};

type Given = SpaceEvent<Extract<Input, { readonly type: 'Received' }>>;

/** The same messages, answers being to this round. */
const messagesByRound = (messages: readonly Given[]): ((round: Round) => readonly Given[]) => {
  const known = new Map([[latestRound, messages]]);
  return (round) => {
    const found = known.get(round);
    if (found !== undefined) return found;
    const changed = messages.map((given): Given => {
      const { message } = given.event;
      return message.type === 'AppendEntriesResponse' || message.type === 'InstallSnapshotResponse'
        ? { ...given, event: { ...given.event, message: { ...message, round } } }
        : given;
    });
    known.set(round, changed);
    return changed;
  };
};

/**
 * The state with its peers in canonical order: no rule tells them apart by their ids, so states that differ only in
 * which peer is which are one. Every field is included, and so will any new one be.
 */
const keyOf = (state: RaftSnapshot): string => {
  const { value } = state;
  const context = withoutOldVotes(state);
  const { settings, votedFor, leaderId, votesGranted, heardFrom, progress, ...rest } = context;
  const members = partsOf(context.configurations.at(-1)!).flat();
  const part = (id: NodeId) => partOf(context, id);
  const named = [votedFor, leaderId, ...votesGranted, ...heardFrom, ...Object.keys(progress).map(Number)];
  const others = new Set([...members, ...named.filter((id) => id !== null)]);
  others.delete(context.id);
  return JSON.stringify([
    value,
    rest,
    part(context.id),
    [...others].map((id) => JSON.stringify(part(id))).sort(),
  ]);
};

/** Who has elected a leader does not matter any more: the next election begins with none of these votes. */
const withoutOldVotes = ({ value, context }: RaftSnapshot): RaftContext =>
  roleOf(value) === 'leader' ? { ...context, votesGranted: [] } : context;

/** Of peers that the node cannot tell apart, what one of them says stands for what the others say. */
const fromUnlike = (
  messages: readonly Given[],
  context: RaftContext,
  peers: readonly NodeId[],
): readonly Given[] => {
  if (peers.length < 2) return messages;
  const parts = peers.map((id) => JSON.stringify(partOf(context, id)));
  const alike = peers.filter((_, at) => parts.indexOf(parts[at]!) < at);
  return alike.length === 0 ? messages : messages.filter(({ event }) => !alike.includes(event.message.from));
};

/** A follower that has lost entries counts no more: what it meets then is enumerated where leaders hand over, and no read waits. */
const hasLostFollower = ({ progress }: RaftContext): boolean =>
  Object.values(progress).some(({ state }) => state === 'lost');

/** The parts of a configuration, each of which a node is in or not. */
const partsOf = ({ voters, outgoing, learners }: Configuration): readonly (readonly NodeId[])[] => [
  voters,
  outgoing,
  learners,
];

/** All that the node knows of one peer by its name. */
const partOf = (
  {
    configurations,
    votedFor,
    leaderId,
    votesGranted,
    heardFrom,
    progress,
    transferTarget,
    change,
    reads,
  }: RaftContext,
  id: NodeId,
) => [
  transferTarget === id,
  reads.filter(({ from }) => from === id),
  partsOf(configurations.at(-1)!).map((ids) => ids.includes(id)),
  change === null ? null : [change.target.voters.includes(id), change.target.learners.includes(id)],
  votedFor === id,
  leaderId === id,
  votesGranted.includes(id),
  heardFrom.includes(id),
  progress[id] ?? null,
];

const votersOf = ({ voters }: Pick<Bounds, 'voters'>): readonly NodeId[] =>
  Array.from({ length: voters }, (_, at) => at + 1);

/** What is armed in each place. A timer that expired without effect is tried again, which can only add to what is found. */
const timersOf = ({ items }: Universe): ReadonlyMap<string, ReadonlySet<TimerEvent['type']>> => {
  const timers = new Map<string, Set<TimerEvent['type']>>();
  for (const { state, event, isArmed } of items) {
    if (!isArmed || delayOfTimer(event) === null) continue;
    timers.set(state, (timers.get(state) ?? new Set()).add(event as TimerEvent['type']));
  }
  return timers;
};

/** What comes from the node's own clients, disk and state machine. */
const ownEvents = (
  { context }: RaftSnapshot,
  { maxLog, voters, asks, isTimed, snapshots, changes = [] }: Bounds,
): readonly Input[] => {
  const { currentTerm, log, lastApplied, commitIndex } = context;
  const events: Input[] = [
    { type: 'Proposed', proposals: [] },
    { type: 'Proposed', proposals: [{ id: 1, payload: emptyPayload }] },
  ];
  if (asks === 'reads' || asks === 'both') {
    for (const nowMs of isTimed ? [beginningMs, muchLaterMs] : [beginningMs]) {
      events.push({ type: 'ReadRequested', id: 1, nowMs });
    }
  }
  if (asks === 'transfers' || asks === 'both') {
    for (let target = 0; target <= voters + 1; target++) {
      events.push({ type: 'TransferRequested', id: 1, target: target === 0 ? null : target });
    }
  }
  for (const each of changes) events.push({ type: 'ConfigurationProposed', id: 1, changes: each });
  if (snapshots) {
    for (let index = log.snapshotIndex; index <= lastApplied; index++) {
      events.push({ type: 'SnapshotSaved', index, term: termAt(log, index) });
    }
    for (let index = 1; index <= maxLog; index++) {
      events.push({ type: 'SnapshotReceived', index }, { type: 'SnapshotFailed', index });
    }
  }
  for (let index = lastApplied; index <= commitIndex; index++) events.push({ type: 'Applied', index });
  for (let term = 1; term <= currentTerm; term++) {
    // A write of this term covers no more than the log holds; one of an earlier term may cover what was replaced since.
    const last = term === currentTerm ? log.lastIndex : maxLog;
    for (let lastIndex = 0; lastIndex <= last; lastIndex++) {
      events.push({ type: 'Persisted', term, lastIndex });
    }
  }
  return events;
};
