import { isDeepStrictEqual } from 'node:util';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from '../../node/step.ts';
import { currentConfiguration, membersOf } from '../../raft/configuration.ts';
import type { RaftContext } from '../../raft/context.ts';
import type { RaftEvent } from '../../raft/inputs.ts';
import { type LogShape, logAfter, termAt } from '../../raft/log-shape.ts';
import type { AppendEntries, InstallSnapshot, Message } from '../../raft/messages.ts';
import { initialProgress } from '../../raft/progress.ts';
import { emptyPayload, type LogIndex, type NodeId, type Term } from '../../raft/types.ts';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import { snapshotAt } from '../../statechart/read/xstate-internals.ts';
import { type AppendFault, appendFault, type SeenAppend } from '../sound-append.ts';
import { nearRule } from './near-rule.ts';
import type { ObservedMessage, ObservedRole, ObservedState } from './observed-event.ts';
import { type NearRule, NotAllowed } from './rejection.ts';

/** What a disk may hold. */
export interface Disk {
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly log: LogShape;
}

interface Asked {
  readonly message: Message;
  readonly rule: NearRule | null;
}

/** One way in which the chart of a node may stand, for all that its lines have told. */
export interface World {
  readonly snapshot: RaftSnapshot;
  /** Before the last input. */
  readonly earlier: RaftSnapshot;
  /** What it has been asked to send, leaders' entries excepted, and has not sent yet, as far as is told. */
  readonly asked: readonly Asked[];
  /** What its disk holds, and each write after that. */
  readonly disks: readonly Disk[];
  /** Of the last step. */
  readonly rule: NearRule | null;
}

/** Answers that nobody has sent for so long are not waited for. */
const mostAsked = 256;
/** Writes that may be lost, where no line tells of what is durable. */
const mostDisks = 1024;

export const worldOf = (snapshot: RaftSnapshot): World => {
  const { currentTerm: term, votedFor, log } = snapshot.context;
  return { snapshot, earlier: snapshot, asked: [], disks: [{ term, votedFor, log }], rule: null };
};

/** The chart takes an input. Throws `NotAllowed` if it fails on it. */
export const stepped = (stepper: Stepper, world: World, input: RaftEvent | TimerEvent): World => {
  let step: Step;
  try {
    step = stepper.step(world.snapshot, input);
  } catch (error) {
    throw new NotAllowed([`the chart fails: ${(error as Error).message}`], world.rule);
  }
  const { context } = step.snapshot;
  const rule = nearRule(step);
  const asked = [...world.asked];
  const disks = [...world.disks];
  for (const { type, params } of step.effects) {
    if (type === 'send') asked.push({ message: params.message, rule });
    else if (type === 'persist' || type === 'installSnapshot') {
      const hasLog = type === 'installSnapshot' || params.entries.length > 0;
      const log = hasLog ? context.log : disks.at(-1)!.log;
      disks.push({ term: params.currentTerm, votedFor: params.votedFor, log });
    }
  }
  return {
    snapshot: step.snapshot,
    earlier: world.snapshot,
    asked: asked.slice(-mostAsked),
    disks: disks.slice(-mostDisks),
    rule,
  };
};

/** As the second, with what only the first has been asked to send as well. */
export const askedInEither = (one: World, other: World): World => {
  const texts = other.asked.map(({ message }) => JSON.stringify(message));
  const more = one.asked.filter(({ message }) => {
    const at = texts.indexOf(JSON.stringify(message));
    if (at < 0) return true;
    texts.splice(at, 1);
    return false;
  });
  return more.length === 0 ? other : { ...other, asked: [...more, ...other.asked].slice(-mostAsked) };
};

/** Stands elsewhere without any step. */
export const movedTo = (world: World, value: unknown): World => {
  const { machine, context } = world.snapshot;
  return {
    ...world,
    snapshot: snapshotAt(machine, value, { ...context, votesGranted: [] }) as RaftSnapshot,
    earlier: world.snapshot,
  };
};

/** Knows of these members, of whom only the voters count. */
export const withMembers = (
  world: World,
  voters: readonly NodeId[],
  outgoing: readonly NodeId[],
  others: readonly NodeId[],
): World => {
  const { context } = world.snapshot;
  const learners = others.filter((id) => !voters.includes(id) && !outgoing.includes(id));
  const configuration = { index: 0, voters, outgoing, learners, members: {} };
  const [known] = context.configurations;
  if (isDeepStrictEqual(known, configuration)) return world;
  const snapshot = { ...context.snapshot, configuration };
  return withProgress(withContext(world, { configurations: [configuration], snapshot }));
};

/** A leader keeps the progress of every other member. */
export const withProgress = (world: World): World => {
  if (roleOf(world.snapshot) !== 'leader') return world;
  const { id, configurations, log, progress } = world.snapshot.context;
  const others = membersOf(currentConfiguration(configurations)).filter((member) => member !== id);
  const initial = Object.fromEntries(others.map((member) => [member, initialProgress(log.lastIndex)]));
  return withContext(world, { progress: { ...initial, ...progress } });
};

export const withContext = (world: World, patch: Partial<RaftContext>): World => ({
  ...world,
  snapshot: { ...world.snapshot, context: { ...world.snapshot.context, ...patch } } as RaftSnapshot,
});

export const withLog = (world: World, log: LogShape): World => withContext(world, { log });

export const roleOf = (snapshot: RaftSnapshot): ObservedRole => topOf(stateNameOf(snapshot)) as ObservedRole;

/** The log whose entries have these terms. */
export const logOfTerms = (
  terms: readonly Term[],
  snapshotIndex: LogIndex = 0,
  snapshotTerm: Term = 0,
): LogShape => ({
  ...logAfter(snapshotIndex, snapshotTerm),
  lastIndex: snapshotIndex + terms.length,
  runs: terms.flatMap((term, at) =>
    at > 0 && terms[at - 1] === term ? [] : [{ term, firstIndex: snapshotIndex + at + 1 }],
  ),
});

type Field = keyof ObservedState;

const fieldOf: { readonly [Name in Field]: (snapshot: RaftSnapshot) => unknown } = {
  role: roleOf,
  term: ({ context }) => context.currentTerm,
  votedFor: ({ context }) => context.votedFor,
  commitIndex: ({ context }) => context.commitIndex,
  lastIndex: ({ context }) => context.log.lastIndex,
  lastTerm: ({ context }) => termAt(context.log, context.log.lastIndex),
  log: ({ context: { log } }) => Array.from({ length: log.lastIndex }, (_, at) => termAt(log, at + 1)),
};

/** Field by field, where the chart does not stand as a line tells; none: it does. */
export const differences = (
  { snapshot, earlier }: World,
  told: ObservedState,
  when: 'before' | 'during' | 'after',
): readonly string[] =>
  (Object.keys(told) as Field[]).flatMap((name) => {
    const got = told[name];
    const expected = when === 'during' ? [snapshot, earlier] : [snapshot];
    const values = expected.map((each) => fieldOf[name](each));
    if (values.some((value) => isSameValue(name, value, got))) return [];
    const words = [...new Set(values.map((value) => JSON.stringify(value)))].join(' or ');
    return [
      `${name}${when === 'before' ? ' before it' : ''}: ${words} by the rules, ${JSON.stringify(got)} in the trace`,
    ];
  });

/** Of an entry whose term is not known the chart holds 0. */
const isSameValue = (name: Field, value: unknown, got: unknown): boolean => {
  switch (name) {
    // Who asks whether it would be elected still follows, for those who do not know of that.
    case 'role':
      return value === got || (value === 'preCandidate' && got === 'follower');
    case 'lastTerm':
      return value === got || value === 0;
    case 'log': {
      const [a, b] = [value, got] as [readonly Term[], readonly Term[]];
      return a.length === b.length && a.every((term, at) => term === b[at] || term === 0);
    }
    default:
      return value === got;
  }
};

/** Of places from which entries may have been sent, how many of the last are thought of. */
const mostPlaces = 64;

/**
 * What a leader sends is its own choice, if it is sound. Throws `NotAllowed`; the answer is what may have been sent, whole, the most likely last: where no place in
 * the log is told, it is any that the other is not known to hold yet. Figure 2, Leaders.
 */
export const soundMessages = (world: World, told: ObservedMessage): readonly Message[] => {
  const { log, progress } = world.snapshot.context;
  const { type, to, entries = 0, prevLogIndex, isHeartbeat } = told;
  const latest = log.lastIndex - (typeof entries === 'number' ? entries : entries.length);
  const last = soundOrFault(world, told);
  if (type !== 'AppendEntries' || isHeartbeat === true || prevLogIndex !== undefined) {
    if (last instanceof NotAllowed) throw last;
    return [last];
  }
  const first = Math.max(progress[to]?.matchIndex ?? 0, log.snapshotIndex, latest - mostPlaces);
  const others = Array.from({ length: Math.max(0, latest - first) }, (_, at) =>
    soundOrFault(world, { ...told, prevLogIndex: first + at }),
  );
  const sound = [...others, last].filter((each): each is Message => !(each instanceof NotAllowed));
  if (sound.length === 0) throw last;
  return sound;
};

const soundOrFault = (world: World, told: ObservedMessage): Message | NotAllowed => {
  try {
    return soundEntries(world, told);
  } catch (error) {
    if (error instanceof NotAllowed) return error;
    throw error;
  }
};

const soundEntries = (world: World, told: ObservedMessage): AppendEntries | InstallSnapshot => {
  const { context } = world.snapshot;
  const { log, commitIndex, currentTerm, round, progress, id: from } = context;
  const fault = (reason: string) => new NotAllowed([reason], world.rule);
  const role = roleOf(world.snapshot);
  if (role !== 'leader') throw fault(`only a leader sends it, and this node is a ${role} by the rules`);
  if (told.term !== currentTerm) throw fault(`term: ${currentTerm} by the rules, ${told.term} in the trace`);
  const ends = { from, to: told.to, term: currentTerm, round };
  if (told.type === 'InstallSnapshot') {
    const { lastIncludedIndex = commitIndex, lastIncludedTerm = termAt(log, lastIncludedIndex) } = told;
    if (lastIncludedIndex > commitIndex)
      throw fault(`only entries up to ${commitIndex} are committed, and it tells of ${lastIncludedIndex}`);
    const held = termAt(log, lastIncludedIndex);
    if (held !== 0 && held !== lastIncludedTerm)
      throw fault(`lastIncludedTerm: ${held} by the rules, ${lastIncludedTerm} in the trace`);
    const whole = { sizeBytes: 0, checksum: 0, offset: 0, data: emptyPayload, dataChecksum: 0, done: true };
    const { configuration } = context.snapshot;
    return { ...ends, ...whole, type: 'InstallSnapshot', lastIncludedIndex, lastIncludedTerm, configuration };
  }
  if (told.isHeartbeat === true) {
    const leaderCommit = told.leaderCommit ?? 0;
    if (leaderCommit > commitIndex) throw fault(commitText(commitIndex, leaderCommit));
    const matched = progress[told.to]?.matchIndex ?? 0;
    if (leaderCommit > matched)
      throw fault(
        `leaderCommit of a heartbeat: at most ${matched}, which node${told.to} is known to hold, ${leaderCommit} in the trace`,
      );
    const prevLogTerm = termAt(log, leaderCommit);
    return {
      ...ends,
      type: 'AppendEntries',
      prevLogIndex: leaderCommit,
      prevLogTerm,
      entries: [],
      leaderCommit,
    };
  }
  // Terms that nothing has shown yet are held as 0.
  const knownTermAt = (index: LogIndex) => {
    if (index === 0) return 0;
    return index > log.lastIndex ? undefined : termAt(log, index) || null;
  };
  const terms = typeof told.entries === 'number' ? null : (told.entries ?? []);
  const length = typeof told.entries === 'number' ? told.entries : terms!.length;
  const prevLogIndex = told.prevLogIndex ?? log.lastIndex - length;
  const prevTerm = termAt(log, prevLogIndex);
  const { prevLogTerm = prevTerm, leaderCommit = Math.min(commitIndex, prevLogIndex + length) } = told;
  const seen: SeenAppend = {
    term: currentTerm,
    prevLogIndex,
    prevLogTerm,
    leaderCommit,
    terms: terms ?? Array.from({ length }, () => null),
  };
  const unsound = appendFault({ term: currentTerm, commitIndex, termAt: knownTermAt }, seen);
  if (unsound !== null) throw fault(faultText(unsound, seen, context));
  const entries = Array.from({ length }, (_, at) => {
    const term = knownTermAt(prevLogIndex + 1 + at) ?? terms?.[at] ?? currentTerm;
    return { term, kind: 'command' as const, payload: emptyPayload };
  });
  return { ...ends, type: 'AppendEntries', prevLogIndex, prevLogTerm, entries, leaderCommit };
};

const commitText = (commitIndex: LogIndex, leaderCommit: LogIndex): string =>
  `leaderCommit: at most ${commitIndex} by the rules, ${leaderCommit} in the trace`;

const faultText = (
  fault: AppendFault,
  { prevLogIndex, prevLogTerm, leaderCommit, terms }: SeenAppend,
  { log, commitIndex }: RaftContext,
): string => {
  if (fault.field === 'term' || fault.field === 'leaderCommit') return commitText(commitIndex, leaderCommit);
  const { held } = fault;
  if (held === undefined)
    return `its log ends at ${log.lastIndex}, and the message reaches up to ${prevLogIndex + terms.length}`;
  if (fault.field === 'entries')
    return `its entry ${fault.index} is of term ${held} by the rules, ${terms[fault.index - prevLogIndex - 1]} in the trace`;
  const whose = prevLogIndex === 0 ? '' : `, the term of its entry ${prevLogIndex},`;
  return `prevLogTerm: ${held}${whose} by the rules, ${prevLogTerm} in the trace`;
};

/** What a node sends besides entries must be what the rules ask for. Throws `NotAllowed`; the answer is the ways in which it may be meant, the first asked for first. */
export const askedMessages = (
  world: World,
  told: ObservedMessage,
  hasHints: boolean,
): readonly { readonly message: Message; readonly world: World }[] => {
  const { commitIndex } = world.snapshot.context;
  const faults = world.asked
    .filter(({ message }) => message.to === told.to && kindOf(message.type) === kindOf(told.type))
    .map((each) => ({ each, reasons: messageDifferences(each.message, told, commitIndex, hasHints) }));
  const exact = faults.filter(({ reasons }) => reasons.length === 0);
  const found = exact.length > 0 ? exact : faults.filter(({ each }) => isEmptyClaim(each.message, told));
  if (found.length > 0) {
    return found.map(({ each }) => {
      // Whoever campaigns may ask again.
      const isAgain = each.message.type === 'RequestVote' || each.message.type === 'PreVote';
      return {
        message: each.message,
        world: isAgain ? world : { ...world, asked: world.asked.filter((other) => other !== each) },
      };
    });
  }
  const nearest = faults.sort((a, b) => a.reasons.length - b.reasons.length)[0];
  if (nearest === undefined)
    throw new NotAllowed([`the rules ask for no ${told.type} to node${told.to} here`], world.rule);
  throw new NotAllowed(nearest.reasons, nearest.each.rule);
};

/** Some implementations answer a snapshot as they answer entries. */
const kindOf = (type: string): string =>
  type === 'InstallSnapshotResponse' ? 'AppendEntriesResponse' : type;

/** An acknowledgement of nothing says no more than a refusal. */
const isEmptyClaim = (message: Message, told: ObservedMessage): boolean =>
  message.type === 'AppendEntriesResponse' &&
  !message.success &&
  told.term === message.term &&
  told.success === true &&
  told.matchIndex === 0;

/**
 * Of messages that may have arrived, those that differ in what comes of them: entries beyond the log are refused, those that it holds change nothing,
 * and neither does an acknowledgement of what a leader knows to be held. What is left out of a refusal decides only what is sent next, which is a leader's own choice.
 */
export const differingIn = ({ snapshot }: World, messages: readonly Message[]): readonly Message[] => {
  if (messages.length === 1) return messages;
  const { log, commitIndex, progress } = snapshot.context;
  const seen = new Set<string>();
  const isNew = (name: string): boolean => !seen.has(name) && seen.add(name) !== undefined;
  const isHeld = (message: AppendEntries): boolean => {
    const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
    if (endOf(message) <= commitIndex) return true;
    if (endOf(message) > log.lastIndex || leaderCommit > commitIndex) return false;
    const terms = [prevLogTerm, ...entries.map(({ term }) => term)];
    return terms.every((term, at) => termAt(log, prevLogIndex + at) === term);
  };
  const held = messages.flatMap((each) =>
    each.type === 'AppendEntries' && isHeld(each) ? [endOf(each)] : [],
  );
  const [lowest, highest] = [Math.min(...held), Math.max(...held)];
  return messages.filter((message) => {
    if (message.type === 'AppendEntries') {
      if (message.prevLogIndex > log.lastIndex) return isNew('beyond');
      if (!isHeld(message)) return true;
      const end = endOf(message);
      return (end === lowest && isNew('lowest')) || (end === highest && isNew('highest'));
    }
    if (message.type !== 'AppendEntriesResponse') return true;
    if (!message.success) return isNew('refusal');
    const matched = progress[message.from]?.matchIndex ?? Number.POSITIVE_INFINITY;
    return message.matchIndex > matched || isNew('held');
  });
};

const endOf = ({ prevLogIndex, entries }: AppendEntries): LogIndex => prevLogIndex + entries.length;

const messageDifferences = (
  message: Message,
  told: ObservedMessage,
  commitIndex: LogIndex,
  hasHints: boolean,
): readonly string[] => {
  const fields = message as unknown as Readonly<Record<string, unknown>>;
  return Object.entries(told).flatMap(([name, got]) => {
    const want = fields[name];
    if (['type', 'isHeartbeat', 'from', 'to', 'prevLogIndex'].includes(name) || want === undefined) return [];
    if (name.startsWith('conflict') && !hasHints) return [];
    if (name === 'matchIndex') {
      if (fields.success === false) return [];
      // What is committed here is the same everywhere, so an answer may also speak for that.
      const most = Math.max(want as number, commitIndex);
      if ((got as number) >= (want as number) && (got as number) <= most) return [];
    } else if (want === got) return [];
    return [`${name}: ${JSON.stringify(want)} by the rules, ${JSON.stringify(got)} in the trace`];
  });
};
