import { isBookkeeping, isUnchanged } from '../verify/paths/bookkeeping.ts';
import type { Path, PathTransition } from '../verify/paths/path.ts';
import type { Difference } from './difference.ts';
import type { ModelledStep } from './modelled-step.ts';

/** What a step is about, as the report names it: the rule and the branch of the chart that it exercises. */
export interface Subject {
  /** Id of the transition, or what stands for one. */
  readonly id: string;
  /** The state of the chart that the branch belongs to, such as `follower`; empty: any. */
  readonly where: string;
  readonly rule: string;
  readonly description: string;
}

export const startSubject: Subject = {
  id: 'start',
  where: '',
  rule: 'Raft paper §5.2; Figure 2, State',
  description: 'A new node is a follower in term 0 with an empty log.',
};

const restartSubject: Subject = {
  id: 'restart',
  where: '',
  rule: 'Raft paper §5.1; Figure 2, Persistent state on all servers',
  description: 'A restart finds term, vote and log again.',
};

/** What no single step shows: a leader brings what it has to everybody who answers. */
export const progressSubject: Subject = {
  id: 'raft.leader/progress',
  where: 'leader',
  rule: 'Raft paper §5.3; Figure 2, Leaders',
  description:
    'What a follower lacks is sent to it until it has acknowledged everything, and is committed once a majority has.',
};

const nothingSubject: Subject = {
  id: 'nothing',
  where: '',
  rule: 'Nothing enabled',
  description: 'What means nothing in this state changes nothing.',
};

/** All that a step exercises. */
export const subjectsOf = ({ event, transitions }: ModelledStep): readonly Subject[] => {
  if (event.type === 'restart') return [restartSubject];
  if (transitions.length === 0) return [nothingSubject];
  return transitions.map(subjectOf);
};

/** To which of them a failure belongs: the last that the event itself leads to; a wrong term, to the rule that adopts terms. */
export const failedSubject = (step: ModelledStep, differences: readonly Difference[]): Subject => {
  const { event, transitions } = step;
  if (event.type === 'restart' || transitions.length === 0) return subjectsOf(step)[0]!;
  const gate = transitions.find(({ guard }) => guard === 'isNewerTerm');
  if (gate !== undefined && differences.some(({ kind }) => kind === 'term')) return subjectOf(gate);
  const own = transitions.filter((each) => !isBookkeeping(each));
  return subjectOf(own.at(-1) ?? transitions.at(-1)!);
};

const subjectOf = ({ id, rule, description }: PathTransition): Subject => ({
  id,
  where: id.split('/')[0]!.replace(/^raft\.?/, ''),
  rule: rule ?? 'No rule',
  description: description ?? id,
});

/** Why nobody can tell what comes of this in the step, however the step goes; null: it shows. */
export const unseenIn = (
  { id }: Subject,
  { transitions }: ModelledStep,
  disk: Path['disk'],
): string | null => {
  // On a prompt disk it is over before anything could go wrong with it.
  if (id.startsWith('raft/Persisted/') && disk === 'prompt') return 'only a disk that waits could show it';
  const own = transitions.find((each) => each.id === id);
  if (own?.guard === 'keepsTime') return 'only a read that goes by the lease could show it';
  return own !== undefined && isUnchanged(own) ? 'without a change of the members nothing comes of it' : null;
};

/** `candidate: A duplicate: each voter counts only once.` */
export const subjectText = ({ where, description }: Subject): string =>
  where === '' ? description : `${where}: ${description}`;
