import type { RaftSnapshot, Stepper, TimerEvent, TimerName } from '../../node/step.ts';
import type { RaftInput } from '../../raft/context.ts';
import type { Received } from '../../raft/inputs.ts';
import { emptyLog, type LogShape, logAfter, termAt } from '../../raft/log-shape.ts';
import type { AppendEntries, Message } from '../../raft/messages.ts';
import { emptyPayload, type LogIndex, type NodeId } from '../../raft/types.ts';
import { timerTypeOf } from '../../statechart/read/xstate-internals.ts';
import {
  mostEntries,
  type ObservedEvent,
  type ObservedHabits,
  type ObservedMessage,
  type ObservedRole,
  type ObservedState,
} from './observed-event.ts';
import {
  askedInEither,
  askedMessages,
  type Disk,
  differences,
  differingIn,
  logOfTerms,
  movedTo,
  roleOf,
  soundMessages,
  stepped,
  type World,
  withContext,
  withLog,
  withMembers,
  withProgress,
  worldOf,
} from './observed-world.ts';
import { NotAllowed, Unreplayable } from './rejection.ts';

export interface ObservedParts {
  readonly stepper: Stepper;
  readonly habits: ObservedHabits;
  readonly hasLease: boolean;
  readonly hasQuorumCheck: boolean;
  readonly hasHints: boolean;
  /** Lines may be missing: what they would have told is taken from what the others tell. */
  readonly isPartial: boolean;
}

/** One node of any implementation: the ways in which its chart may stand, of which each line must leave one. Methods throw `NotAllowed` for what no rule allows. */
export class ObservedNode {
  readonly #id: NodeId;
  readonly #parts: ObservedParts;
  /** Empty: it is down. */
  #worlds: readonly World[] = [];
  /** As it was before it went down. */
  #last: readonly World[] = [];
  #voters: readonly NodeId[];
  #outgoing: readonly NodeId[] = [];
  /** Terms of entries up to here are learnt as messages name them; 0: all are known. */
  #unknownUpTo: LogIndex = 0;
  #tellsDurable = false;
  /** Whether it counts its own vote only when a line says so, and votes that came before that. */
  #ownVote: 'untold' | 'awaited' = 'untold';
  #held: Message[] = [];

  /** As its first line tells it: what is left out is as in a new node. */
  constructor(id: NodeId, state: ObservedState, voters: readonly NodeId[], parts: ObservedParts) {
    this.#id = id;
    this.#parts = parts;
    this.#voters = voters;
    this.#begin(state);
  }

  get isDown(): boolean {
    return this.#worlds.length === 0;
  }

  /** Takes it as a line tells it, if that can have become of it. */
  retake(state: ObservedState, isRestart: boolean): void {
    const [known] = this.#worlds.length > 0 ? this.#worlds : this.#last;
    const { currentTerm, votedFor, commitIndex } = known!.snapshot.context;
    const { term = currentTerm } = state;
    const wrong = (name: string, was: unknown, is: unknown) =>
      new NotAllowed([
        `${name}: ${JSON.stringify(was)} before, and ${JSON.stringify(is)} in the trace: no line that is missing explains that`,
      ]);
    if (term < currentTerm) throw wrong('term', currentTerm, term);
    if (
      term === currentTerm &&
      votedFor !== null &&
      state.votedFor !== undefined &&
      state.votedFor !== votedFor
    )
      throw wrong('votedFor', votedFor, state.votedFor);
    if (!isRestart && (state.commitIndex ?? commitIndex) < commitIndex)
      throw wrong('commitIndex', commitIndex, state.commitIndex);
    const held = stateOf(known!.snapshot);
    this.#begin({
      ...held,
      ...(term > currentTerm ? { votedFor: null, role: 'follower' as const } : {}),
      ...state,
    });
  }

  members({ voters, outgoing = [] }: ObservedEvent, others: readonly NodeId[]): void {
    if (voters !== undefined && voters.length > 0) {
      this.#voters = voters;
      this.#outgoing = outgoing;
    }
    this.#worlds = this.#worlds.map((world) => withMembers(world, this.#voters, this.#outgoing, others));
  }

  crashed(): void {
    if (this.isDown) throw new NotAllowed(['it is not running']);
    this.#last = this.#worlds;
    this.#worlds = [];
  }

  /** It runs again, on what its disk may have held. */
  restarted(state: ObservedState): void {
    const before = this.isDown ? this.#last : this.#worlds;
    this.#ownVote = 'untold';
    this.#held = [];
    const found = new Map<string, World>();
    let nearest: readonly string[] | null = null;
    for (const { snapshot, disks } of before) {
      for (const disk of disks) {
        const told = withoutRole(state);
        // Figure 2 keeps no commit index on disk; who does, finds one that it had.
        const commitIndex = Math.min(told.commitIndex ?? 0, disk.log.lastIndex);
        const world = this.#worldFrom({ ...disk, commitIndex });
        const reasons = [
          ...differences(world, told, 'after'),
          ...(commitIndex > snapshot.context.commitIndex
            ? [
                `commitIndex: at most ${snapshot.context.commitIndex} by the rules, ${commitIndex} in the trace`,
              ]
            : []),
        ];
        if (reasons.length === 0) found.set(JSON.stringify(disk), world);
        if (nearest === null || reasons.length <= nearest.length) nearest = reasons;
      }
    }
    if (found.size === 0) throw new NotAllowed((nearest ?? []).map((each) => `on its disk, ${each}`));
    this.#worlds = [...found.values()];
  }

  /** All writes up to one that has left the disk so. */
  durable(state: ObservedState): void {
    this.#tellsDurable = true;
    const { term, votedFor, lastIndex } = state;
    const isAll = Object.keys(state).length === 0;
    this.#each((world) => {
      const latest = world.disks.at(-1)!;
      const at = world.disks.findIndex(
        (disk) =>
          (!isAll || disk === latest) &&
          (term === undefined || disk.term === term) &&
          (votedFor === undefined || disk.votedFor === votedFor) &&
          (lastIndex === undefined || disk.log.lastIndex === lastIndex),
      );
      if (at < 0) {
        const told = `term ${term ?? 'any'}, a vote for ${votedFor ?? 'nobody'} and ${lastIndex ?? 'any'} entries`;
        const known = `term ${latest.term}, a vote for ${latest.votedFor ?? 'nobody'} and ${latest.log.lastIndex} entries`;
        throw new NotAllowed([`no write leaves ${told}; the latest leaves ${known}`], world.rule);
      }
      const kept = { ...world, disks: world.disks.slice(at) };
      return [this.#parts.habits.queuesSends ? kept : this.#counted(kept, kept.disks[0]!.log.lastIndex)];
    });
  }

  /** Everything so far is durable. */
  flushed(): void {
    if (this.#tellsDurable) return;
    this.#worlds = this.#worlds.map((world) => ({ ...world, disks: world.disks.slice(-1) }));
  }

  timeout(timer: 'electionTimeout' | 'quorumCheck'): void {
    this.#ownVote = 'untold';
    this.#held = [];
    this.#each((world) => {
      if (timer === 'quorumCheck') return [this.#checked(world)];
      const role = roleOf(world.snapshot);
      if (role === 'leader') throw new NotAllowed(['no electionTimeout runs in a leader'], world.rule);
      return [this.#step(world, timerEvent('electionTimeout', `raft.${role}`))];
    });
  }

  proposed(commands: number, isAppended: boolean): void {
    const proposals = Array.from({ length: commands }, (_, id) => ({ id, payload: emptyPayload }));
    this.#each((world) => {
      if (roleOf(world.snapshot) === 'leader') return [this.#step(world, { type: 'Proposed', proposals })];
      if (isAppended)
        throw new NotAllowed(
          [`only a leader appends a command, and this node is a ${roleOf(world.snapshot)} by the rules`],
          world.rule,
        );
      return [world];
    });
  }

  /** The state is as the rules have it, in some way in which it may stand. */
  sees(state: ObservedState, { what, when }: Pick<ObservedEvent, 'what' | 'when'>): void {
    this.#each((world) => {
      const reasons = differences(world, state, when);
      if (reasons.length === 0) return [world];
      const moved = this.#unseen(world, state, what === 'state' || what === 'sent');
      if (moved !== null && differences(moved, state, when).length === 0) return [moved];
      throw new NotAllowed(reasons, world.rule);
    });
  }

  /** A message leaves; the answer is what it may be as a whole, the most likely last. None: it is one to itself. */
  sent(told: ObservedMessage): readonly Message[] {
    if (told.to === this.#id) {
      this.#sentToItself(told);
      return [];
    }
    const isLeaders = told.type === 'AppendEntries' || told.type === 'InstallSnapshot';
    const messages: Message[] = [];
    this.#each((world) => {
      if (!isLeaders) {
        return anyOf(askedMessages(world, told, this.#parts.hasHints), (asked) => {
          this.#mayLeave(asked.world, asked.message);
          messages.unshift(asked.message);
          return [asked.world];
        });
      }
      const known = this.#learnt(world, told);
      messages.unshift(...soundMessages(known, told));
      return [known];
    });
    return messages;
  }

  /** `messages`: what it may have been, of which one was. */
  received(messages: readonly Message[], told: ObservedMessage): void {
    const [latest] = messages;
    if (this.#ownVote === 'awaited' && latest!.type === 'RequestVoteResponse' && latest!.voteGranted) {
      this.#held.push(latest!);
      return;
    }
    this.#each((world) =>
      anyOf(differingIn(world, messages), (message) => this.#receivedIn(world, message, told)),
    );
  }

  /** It counts its own vote, or its own copy of the log. */
  receivedFromItself(told: ObservedMessage): void {
    if (told.type === 'RequestVoteResponse') {
      if (this.#ownVote !== 'awaited') throw new NotAllowed(['it has not voted for itself']);
      this.#ownVote = 'untold';
      this.#each((world) => [this.#counted(world, world.snapshot.context.log.lastIndex)]);
      const held = this.#held;
      this.#held = [];
      for (const message of held) this.#each((world) => [this.#step(world, receivedEvent(message))]);
      return;
    }
    const { matchIndex } = told;
    if (matchIndex === undefined)
      throw new Unreplayable('an acknowledgement of its own entries names no matchIndex');
    this.#each((world) => {
      const { currentTerm, log } = world.snapshot.context;
      if (told.term === currentTerm && matchIndex > log.lastIndex)
        throw new NotAllowed([`its log ends at ${log.lastIndex}`], world.rule);
      return told.term === currentTerm ? [this.#counted(world, matchIndex)] : [world];
    });
  }

  #sentToItself(told: ObservedMessage): void {
    this.#each((world) => {
      const { currentTerm, votedFor, log } = world.snapshot.context;
      const role = roleOf(world.snapshot);
      const fault = (reason: string) => new NotAllowed([reason], world.rule);
      if (told.term !== currentTerm)
        throw fault(`term: ${currentTerm} by the rules, ${told.term} in the trace`);
      if (told.type === 'RequestVoteResponse') {
        if (role !== 'candidate' || votedFor !== this.#id || told.voteGranted === false)
          throw fault(
            `it votes for itself as a candidate only, and is a ${role} that has voted for ${votedFor ?? 'nobody'} by the rules`,
          );
      } else if (role !== 'leader')
        throw fault(`only a leader counts its own log, and this node is a ${role} by the rules`);
      else if (told.matchIndex !== log.lastIndex)
        throw fault(`matchIndex: ${log.lastIndex} by the rules, ${told.matchIndex ?? 'none'} in the trace`);
      return [world];
    });
    if (told.type === 'RequestVoteResponse') this.#ownVote = 'awaited';
  }

  #receivedIn(world: World, message: Message, told: ObservedMessage): readonly World[] {
    const { context } = world.snapshot;
    const { habits, hasLease } = this.#parts;
    const ways: World[] = [];
    const asksForVote = message.type === 'RequestVote' || message.type === 'PreVote';
    for (const known of [this.#learnt(world, told, message), ...this.#otherwise(world, message)])
      ways.push(this.#step(known, receivedEvent(message)));
    if (asksForVote && hasLease) {
      // Nobody tells when the lease of a leader is over.
      const free = this.#step(world, timerEvent('leaderLease', 'raft.follower.leased'));
      ways.push(this.#step({ ...free, earlier: world.snapshot }, receivedEvent(message)));
    }
    if (asksForVote && habits.mayIgnoreVotes && message.term > context.currentTerm)
      ways.push({ ...world, earlier: world.snapshot });
    if (
      message.type === 'AppendEntries' &&
      habits.acknowledgesCommitted &&
      message.prevLogIndex < context.commitIndex
    ) {
      const { commitIndex, log } = context;
      const heard: AppendEntries = {
        ...message,
        prevLogIndex: commitIndex,
        prevLogTerm: termAt(log, commitIndex),
        entries: [],
        leaderCommit: 0,
      };
      ways.push(this.#step(world, receivedEvent(heard)));
    }
    return ways.map((each) => this.#installed(each, message));
  }

  /** A whole snapshot is sound. */
  #installed(world: World, message: Message): World {
    if (message.type !== 'InstallSnapshot' || world.snapshot.context.incoming === null) return world;
    const next = this.#step(world, { type: 'SnapshotReceived', index: message.lastIncludedIndex });
    return { ...next, earlier: world.earlier };
  }

  /** With an unknown entry where this message looks: it may also be another than the one that the message names. */
  #otherwise(world: World, message: Message): readonly World[] {
    const { log, currentTerm } = world.snapshot.context;
    if (message.type === 'AppendEntries') {
      const { prevLogIndex, entries } = message;
      const isUnknown = isUnknownAt(log, prevLogIndex, this.#unknownUpTo);
      if (!isUnknown && !entries.some((_, at) => isUnknownAt(log, prevLogIndex + 1 + at, this.#unknownUpTo)))
        return [];
      // The chart itself holds 0, which is no entry's term.
      return [{ ...world, earlier: world.snapshot }];
    }
    if (message.type === 'RequestVote' && isUnknownAt(log, log.lastIndex, this.#unknownUpTo))
      return [withLog(world, withTerm(log, log.lastIndex, currentTerm))];
    return [];
  }

  /** What a message shows of entries whose terms were not known. */
  #learnt(world: World, told: ObservedMessage, message?: Message): World {
    if (this.#unknownUpTo === 0) return world;
    let { log } = world.snapshot.context;
    const learn = (index: LogIndex, term: number | undefined) => {
      if (term !== undefined && term > 0 && isUnknownAt(log, index, this.#unknownUpTo))
        log = withTerm(log, index, term);
    };
    const whole = message?.type === 'AppendEntries' ? message : told;
    if (whole.type !== 'AppendEntries' || whole.prevLogIndex === undefined || told.isHeartbeat === true)
      return world;
    learn(whole.prevLogIndex, whole.prevLogTerm);
    if (typeof whole.entries === 'object') {
      for (const [at, entry] of whole.entries.entries())
        learn(whole.prevLogIndex + 1 + at, typeof entry === 'number' ? entry : entry.term);
    }
    return withLog(world, log);
  }

  /** Where lines tell what is durable: what others rely on has to be. */
  #mayLeave(world: World, message: Message): void {
    if (!this.#tellsDurable || this.#parts.habits.queuesSends) return;
    const [disk] = world.disks;
    const { currentTerm, log } = world.snapshot.context;
    const fault = () => new NotAllowed(['it must wait until what it tells of is durable'], world.rule);
    if (
      (message.type === 'RequestVote' || (message.type === 'RequestVoteResponse' && message.voteGranted)) &&
      disk!.term < message.term
    )
      throw fault();
    if (message.type === 'AppendEntriesResponse' && message.success && message.term === currentTerm) {
      const { matchIndex } = message;
      if (termAt(log, matchIndex) !== 0 && termAt(disk!.log, matchIndex) !== termAt(log, matchIndex))
        throw fault();
    }
  }

  /** What may have happened without a line: it gave up, or counted its own vote or its own copy of the log. */
  #unseen(world: World, state: ObservedState, mayGiveUp: boolean): World | null {
    const { currentTerm, commitIndex, durableIndex, log } = world.snapshot.context;
    const role = roleOf(world.snapshot);
    if (state.term !== undefined && state.term !== currentTerm) return null;
    if (state.role === 'follower' && mayGiveUp) {
      if (role === 'candidate') return movedTo(world, { follower: 'unleased' });
      if (role === 'leader' && this.#parts.hasQuorumCheck) return this.#checked(world);
    }
    const isOwnTold = this.#tellsDurable || this.#parts.habits.queuesSends;
    if (role === 'candidate' && state.role === 'leader' && !isOwnTold)
      return this.#counted(world, log.lastIndex);
    if (role !== 'leader' || (state.commitIndex ?? 0) <= commitIndex) return null;
    // Other members may make a majority of those who hold it.
    return this.#counted(world, isOwnTold ? durableIndex : log.lastIndex);
  }

  /** Its quorum check finds nobody: when the period has begun is not told. */
  #checked(world: World): World {
    if (roleOf(world.snapshot) !== 'leader')
      throw new NotAllowed([`no quorumCheck runs in a ${roleOf(world.snapshot)}`], world.rule);
    if (!this.#parts.hasQuorumCheck) return movedTo(world, { follower: 'unleased' });
    const alone = withContext(world, { heardFrom: [] });
    return {
      ...this.#step(alone, timerEvent('quorumCheck', 'raft.leader.quorumCheck.listening')),
      earlier: world.snapshot,
    };
  }

  #counted(world: World, lastIndex: LogIndex): World {
    return this.#step(world, { type: 'Persisted', term: world.snapshot.context.currentTerm, lastIndex });
  }

  #step(world: World, input: Parameters<Stepper['step']>[1]): World {
    return stepped(this.#parts.stepper, world, input);
  }

  /** What is possible goes on; if nothing is, the first way tells why. */
  #each(next: (world: World) => readonly World[]): void {
    if (this.isDown) throw new NotAllowed(['it is not running']);
    const worlds = distinct(anyOf(this.#worlds, next));
    if (worlds.length > mostWorlds)
      throw new Unreplayable(
        `node${this.#id} may stand in more than ${mostWorlds} ways: tell its state, or more of its messages, such as prevLogIndex and leaderCommit`,
      );
    this.#worlds = worlds;
  }

  #begin(state: ObservedState): void {
    const { term = 0, votedFor = null, commitIndex = 0, log: terms } = state;
    const { lastIndex = terms?.length ?? commitIndex, lastTerm = 0 } = state;
    let log: LogShape = terms === undefined ? emptyLog : logOfTerms(terms);
    this.#unknownUpTo = 0;
    if (terms === undefined && lastIndex > 0) {
      if (lastIndex - commitIndex > mostEntries)
        throw new Unreplayable(
          `node${this.#id} has ${lastIndex - commitIndex} entries that are not committed, more than ${mostEntries}`,
        );
      // What is committed is the same everywhere.
      const unknown = Array.from({ length: lastIndex - commitIndex }, () => 0);
      log =
        unknown.length === 0
          ? logAfter(commitIndex, lastTerm)
          : withTerm(logOfTerms(unknown, commitIndex), lastIndex, lastTerm);
      this.#unknownUpTo = lastIndex;
    }
    const world = this.#worldFrom({ term, votedFor, log, commitIndex });
    this.#ownVote = 'untold';
    this.#held = [];
    this.#worlds = [movedToRole(world, state.role ?? 'follower')];
  }

  #worldFrom({ term, votedFor, log, commitIndex }: Disk & { readonly commitIndex: LogIndex }): World {
    const input: RaftInput = {
      id: this.#id,
      voters: this.#voters,
      hardState: { currentTerm: term, votedFor },
      log,
    };
    const { snapshot } = this.#parts.stepper.initial(input);
    const started = withMembers(worldOf(snapshot), this.#voters, this.#outgoing, []);
    const standing = withContext(started, {
      commitIndex: Math.max(commitIndex, snapshot.context.commitIndex),
    });
    return { ...standing, earlier: standing.snapshot };
  }
}

/** Ways in which a node may stand. With more, each line would take seconds. */
const mostWorlds = 64;

/** What comes of those of which anything comes; of none, the first tells why. */
const anyOf = <Item>(items: readonly Item[], next: (item: Item) => readonly World[]): readonly World[] => {
  const worlds: World[] = [];
  let fault: NotAllowed | null = null;
  for (const item of items) {
    try {
      worlds.push(...next(item));
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      fault ??= error;
    }
  }
  if (worlds.length === 0) throw fault ?? new NotAllowed(['no rule allows it']);
  return worlds;
};

/** As far as is known, a leader has just begun to lead, and nobody else has voted for a candidate. */
const movedToRole = (world: World, role: ObservedRole): World => {
  if (role === 'follower') return world;
  const moved = movedTo(world, role === 'leader' ? leading(world) : role);
  const { id, log } = moved.snapshot.context;
  const begun =
    role === 'leader'
      ? withProgress(withContext(moved, { leaderId: id, durableIndex: log.lastIndex }))
      : withContext(moved, { votesGranted: [id] });
  return { ...begun, earlier: begun.snapshot };
};

const leading = ({ snapshot }: World): unknown => {
  const regions = snapshot.machine.root.states.leader!.states;
  return {
    leader: Object.fromEntries(
      Object.entries(regions).map(([name, region]) => [
        name,
        name === 'configuration' ? 'settled' : region.config.initial,
      ]),
    ),
  };
};

/** Ways that differ only in what may still be sent are one, in which all of that may: else they would double with each request that may come to nothing. */
const distinct = (worlds: readonly World[]): readonly World[] => {
  if (worlds.length === 1) return worlds;
  const found = new Map<string, World>();
  for (const world of worlds) {
    const key = JSON.stringify([world.snapshot.value, world.snapshot.context]);
    const known = found.get(key);
    found.set(key, known === undefined ? world : askedInEither(known, world));
  }
  return [...found.values()];
};

const timerEvent = (timer: TimerName, state: string): TimerEvent => ({ type: timerTypeOf(timer, state) });

const receivedEvent = (message: Message): Received => ({ type: 'Received', message });

const stateOf = (snapshot: RaftSnapshot): ObservedState => {
  const { currentTerm: term, votedFor, commitIndex, log } = snapshot.context;
  return { role: roleOf(snapshot), term, votedFor, commitIndex, lastIndex: log.lastIndex };
};

const withoutRole = ({ role: _, ...rest }: ObservedState): ObservedState => rest;

const isUnknownAt = (log: LogShape, index: LogIndex, unknownUpTo: LogIndex): boolean =>
  index > 0 &&
  index >= log.snapshotIndex &&
  index <= Math.min(unknownUpTo, log.lastIndex) &&
  termAt(log, index) === 0;

/** The log with this term at `index`. */
const withTerm = (log: LogShape, index: LogIndex, term: number): LogShape => {
  if (index === log.snapshotIndex) return { ...log, snapshotTerm: term };
  const { snapshotIndex, snapshotTerm, lastIndex } = log;
  const terms = Array.from({ length: lastIndex - snapshotIndex }, (_, at) =>
    termAt(log, snapshotIndex + 1 + at),
  );
  terms[index - snapshotIndex - 1] = term;
  return logOfTerms(terms, snapshotIndex, snapshotTerm);
};
