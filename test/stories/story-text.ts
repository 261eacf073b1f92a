import type { MachineNode } from '../../src/node/machine-node.ts';
import type { RaftSnapshot, Taken } from '../../src/node/step.ts';
import type { Write } from '../../src/node/write-order.ts';
import { type Configuration, currentConfiguration } from '../../src/raft/configuration.ts';
import { decodeConfiguration } from '../../src/raft/configuration-payload.ts';
import type { Problem } from '../../src/raft/effects.ts';
import { lastTerm } from '../../src/raft/log-shape.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { Progress } from '../../src/raft/progress.ts';
import type { Entry, LogIndex, Round, Term } from '../../src/raft/types.ts';
import { stateNameOf } from '../../src/statechart/read/state-name.ts';
import { transitionIdOf } from '../../src/statechart/read/walk.ts';

const decoder = new TextDecoder();

/** `4/2`: the entry at index 4, of term 2. */
const entryName = (index: LogIndex, term: Term): string => `${index}/${term}`;

/** `{1 2 3}`; joint: `{2 3 4}&&{1 2 3}`; with learners: `{1 2 3} learners {4}`. */
export const configurationText = ({ voters, outgoing, learners }: Configuration): string => {
  const set = (ids: readonly number[]) => `{${ids.join(' ')}}`;
  const joint = outgoing.length === 0 ? '' : `&&${set(outgoing)}`;
  const learning = learners.length === 0 ? '' : ` learners ${set(learners)}`;
  return `${set(voters)}${joint}${learning}`;
};

/** `1→2 AppendEntries term 2 prev 3/1 [4/2 x=1] commit 3`. */
export const messageText = (message: Message): string => {
  const { from, to, type, term } = message;
  return `${from}→${to} ${type} term ${term}${fieldsText(message)}`;
};

const fieldsText = (message: Message): string => {
  switch (message.type) {
    case 'RequestVote':
      return ` last ${entryName(message.lastLogIndex, message.lastLogTerm)}${message.leadershipTransfer ? ' transfer' : ''}`;
    case 'PreVote':
      return ` last ${entryName(message.lastLogIndex, message.lastLogTerm)}`;
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return message.voteGranted ? ' granted' : ' refused';
    case 'AppendEntries': {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit, round } = message;
      const texts = entriesText(entries, prevLogIndex + 1);
      return ` prev ${entryName(prevLogIndex, prevLogTerm)} [${texts}] commit ${leaderCommit}${roundText(round)}`;
    }
    case 'AppendEntriesResponse': {
      const { success, prevLogIndex, matchIndex, conflictTerm, conflictIndex, round } = message;
      const conflict =
        conflictTerm === 0
          ? `log ends at ${conflictIndex - 1}`
          : `term ${conflictTerm} from ${conflictIndex}`;
      return success
        ? ` match ${matchIndex}${roundText(round)}`
        : ` rejected prev ${prevLogIndex} (${conflict})${roundText(round)}`;
    }
    case 'InstallSnapshot': {
      const { lastIncludedIndex, lastIncludedTerm, configuration, offset, done, round } = message;
      const chunk = `chunk ${offset}${done ? ' (last)' : ''}`;
      return ` snapshot ${entryName(lastIncludedIndex, lastIncludedTerm)} ${configurationText(configuration)} ${chunk}${roundText(round)}`;
    }
    case 'InstallSnapshotResponse': {
      const { lastIncludedIndex, success, matchIndex, offset, round } = message;
      const what = success ? `match ${matchIndex}` : `wants chunk ${offset}`;
      return ` snapshot ${lastIncludedIndex} ${what}${roundText(round)}`;
    }
    case 'TimeoutNow':
      return '';
    case 'ReadIndex':
      return ` read ${message.readId}`;
    case 'ReadIndexResponse':
      return ` read ${message.readId} ${message.success ? `index ${message.readIndex}` : 'refused'}`;
  }
};

const roundText = (round: Round): string => (round === 0 ? '' : ` round ${round}`);

/** `4/2 x=1, 5/2 no-op`. */
const entriesText = (entries: readonly Entry[], firstIndex: LogIndex): string =>
  entries.map((entry, at) => `${entryName(firstIndex + at, entry.term)} ${contentText(entry)}`).join(', ');

const contentText = ({ kind, payload }: Entry): string => {
  if (kind === 'noop') return 'no-op';
  if (kind === 'command') return decoder.decode(payload);
  const configuration = decodeConfiguration(payload);
  return configuration === null ? 'members?' : `members ${configurationText(configuration)}`;
};

/** What waits for a slow disk. */
export const writeText = (write: Write): string => {
  const hard = `term ${write.currentTerm} vote ${write.votedFor ?? 'none'}`;
  if ('snapshot' in write) return `${hard}, snapshot ${entryName(write.snapshot.index, write.snapshot.term)}`;
  return write.entries.length === 0 ? hard : `${hard}, ${entriesText(write.entries, write.firstIndex)}`;
};

/** `add 4, promote 5`, as a script says it. */
export const changesText = (changes: readonly MemberChange[]): string =>
  changes.map(({ type, node }) => `${type} ${node}`).join(', ');

export const problemText = (problem: Problem): string =>
  problem.type === 'termTooFar'
    ? `names term ${problem.term}`
    : `has lost entries that it had acknowledged up to ${problem.matchIndex}`;

/**
 * `follower.leased`; of a leader only what is unusual: `leader`, `leader.configuration.joint`. What a chart calls its states is long where two
 * regions stand side by side, and most of the time neither is of interest.
 */
export const stateText = (name: string): string => {
  const regions = /^leader\.\{(.*)\}$/.exec(name)?.[1]?.split(', ') ?? null;
  if (regions === null) return name;
  const unusual = regions.filter((each) => each !== 'transfer.idle' && each !== 'configuration.settled');
  if (unusual.length === 0) return 'leader';
  return unusual.length === 1 ? `leader.${unusual[0]}` : `leader.{${unusual.join(', ')}}`;
};

/** A transition worth a line, or null: what every message passes and what every write is answered by would hide the rest. */
export const transitionText = (
  { transition, state }: Taken,
  to: string,
  isFirstTime: (id: string) => boolean,
): string | null => {
  const actions = transition.actions.map((action) => String((action as { type?: string }).type ?? action));
  const [from, after] = [stateText(state), stateText(to)];
  const isRoutine = actions.length === 0 ? !transition.reenter : actions.every((each) => routine.has(each));
  const isIgnoredWrite = transition.eventType === 'Persisted' && actions.includes('ignore');
  if (from === after && (isRoutine || isIgnoredWrite)) return null;
  const where = from === after ? from : `${from} ⇒ ${after}`;
  const does = actions.filter((each) => !routine.has(each)).join(', ');
  const sentence = isFirstTime(transitionIdOf(transition)) ? (transition.description ?? '') : '';
  const what = [does, sentence === '' ? '' : `“${sentence}”`].filter((each) => each !== '').join(' ');
  return what === '' ? where : `${where}: ${what}`;
};

const routine: ReadonlySet<string> = new Set(['deliver', 'redeliver', 'recordApplied']);

/** Whether a transition tells something: most of those that leave a state without a stay do not. */
export const isTold = ({ state }: Taken, to: string): boolean => {
  const isPassing = state === 'follower.starting' || state.includes('configuration.entering');
  return !isPassing || !['leader', 'follower.unleased'].includes(stateText(to));
};

/** What a node is and knows; a leader's followers on lines of their own. */
export const statusLines = ({ snapshot, queue }: MachineNode): readonly string[] => {
  const { context } = snapshot as RaftSnapshot;
  const { id, currentTerm, votedFor, log, commitIndex, configurations, progress } = context;
  const compacted = log.snapshotIndex === 0 ? '' : ` after ${entryName(log.snapshotIndex, log.snapshotTerm)}`;
  const snapshotName =
    context.snapshot.index === 0
      ? ''
      : ` snapshot ${entryName(context.snapshot.index, context.snapshot.term)}`;
  const waiting = queue.filter(({ type }) => type === 'write').length;
  return [
    [
      `${id} ${stateText(stateNameOf(snapshot))} term ${currentTerm} vote ${votedFor ?? 'none'}`,
      `log${compacted} to ${entryName(log.lastIndex, lastTerm(log))}${snapshotName} commit ${commitIndex}`,
      `members ${configurationText(currentConfiguration(configurations))}`,
      ...(waiting === 0 ? [] : [`${waiting} writes wait`]),
    ].join(', '),
    ...Object.entries(progress).map(([follower, known]) => `  ${follower} ${progressText(known)}`),
  ];
};

const progressText = (progress: Progress): string => {
  const { state, matchIndex, nextIndex, inflight } = progress;
  const known = `${state} match ${matchIndex} next ${nextIndex}`;
  if (progress.state === 'snapshot') {
    const { snapshot, offset } = progress;
    return `${known} snapshot ${entryName(snapshot.index, snapshot.term)} chunk ${offset}`;
  }
  return inflight.length === 0 ? known : `${known} in flight ${inflight.join(' ')}`;
};
