import { currentConfiguration } from './configuration.ts';
import type { RaftContext } from './context.ts';
import { type Decision, rejectedRequest } from './effects.ts';
import type { ConfigurationProposed, Raised } from './inputs.ts';
import type { Reached, Target } from './members.ts';
import { targetOf } from './target.ts';
import type { LogIndex, NodeId } from './types.ts';

/** Whether a learner that is to vote lacks entries, has not answered since the last quorum check, or is on a disk that is not named. Thesis §4.2.1. */
export const needsCatchUp = (context: RaftContext, event: ConfigurationProposed): boolean => {
  const target = targetOf(context, event);
  return target !== null && !hasReached(context, target, context.log.lastIndex);
};

/** Sends the learners what they lack, before they vote: the first round goes up to the present end of the log. Thesis §4.2.1. */
export const startCatchUp = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const target = targetOf(context, event)!;
  const roundEnd = context.log.lastIndex;
  const reached = reachedBy(context, target, roundEnd);
  return { patch: { change: { id: event.id, target, roundEnd, rounds: 1, reached } }, effects: [] };
};

/** Whether the learners have had as many rounds as they may have. */
export const isCatchUpExhausted = ({ change, settings }: RaftContext): boolean =>
  change !== null && change.rounds >= settings.maxCatchUpRounds;

/** The round took too long: the next one goes up to what has been appended meanwhile. */
export const startNextRound = ({ change, log }: RaftContext): Decision => ({
  patch: { change: change && { ...change, roundEnd: log.lastIndex, rounds: change.rounds + 1 } },
  effects: [],
});

/** Whether the learners hold no more than when last looked at. */
export const isCatchUpStuck = (context: RaftContext): boolean => {
  const { change } = context;
  if (change === null) return false;
  const { entries, bytes } = reachedBy(context, change.target, change.roundEnd);
  return entries === change.reached.entries && bytes <= change.reached.bytes;
};

/** Notes how far the learners have come. */
export const noteCatchUp = (context: RaftContext): Decision => {
  const { change } = context;
  const reached = change && reachedBy(context, change.target, change.roundEnd);
  return { patch: { change: change && { ...change, reached: reached! } }, effects: [] };
};

/** The learners do not catch up: they stay what they are, and no majority has changed. */
export const abandonChange = ({ change, id }: RaftContext): Decision => ({
  patch: { change: null },
  effects: change === null ? [] : [rejectedRequest(change, id, 'notCaughtUp')],
});

/** What a follower's answer sets off while learners catch up. */
export const caughtUpFor = (context: RaftContext, progress: RaftContext['progress']): readonly Raised[] => {
  const { change } = context;
  if (change === null || change.rounds === 0) return [];
  return hasReached({ ...context, progress }, change.target, change.roundEnd) ? [{ type: 'CaughtUp' }] : [];
};

/**
 * Whether every voter to be that does not vote yet holds the log up to `index`, and has answered since the last quorum check: one that is gone
 * may have held it all, and with its vote the new majority could be out of reach. And whether its disk is named where those of others are: a
 * member that has never met it would believe another disk in its name, which votes again in terms in which it has voted.
 */
const hasReached = (
  { configurations, progress, heardFrom, id }: RaftContext,
  target: Target,
  index: LogIndex,
): boolean => {
  const isNamed = (node: NodeId): boolean => (target.members[node]?.logId ?? null) !== null;
  const areNamed = target.voters.some(isNamed);
  return newVoters(configurations, target).every(
    (node) =>
      node === id ||
      (heardFrom.includes(node) &&
        (progress[node]?.matchIndex ?? 0) >= index &&
        (!areNamed || isNamed(node))),
  );
};

const reachedBy = (
  { configurations, progress }: RaftContext,
  target: Target,
  roundEnd: LogIndex,
): Reached => {
  let [entries, bytes] = [0, 0];
  for (const node of newVoters(configurations, target)) {
    const known = progress[node];
    if (known === undefined) continue;
    entries += Math.min(known.matchIndex, roundEnd);
    bytes += known.state === 'snapshot' ? known.offset : 0;
  }
  return { entries, bytes };
};

const newVoters = (configurations: RaftContext['configurations'], { voters }: Target): readonly NodeId[] =>
  voters.filter((node) => !currentConfiguration(configurations).voters.includes(node));
