import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import type { ModelNode, ModelStep } from './modelled-node.ts';
import type { PathEvent, PathMessage, PathTransition } from './path.ts';
import { relationsOf } from './relations.ts';

/** What a path can aim for. `walk`: a branch in a state; `edge`: a boundary of one. The others take several steps. */
export type GoalKind = 'walk' | 'nothing' | 'edge' | 'restart' | 'twice' | 'kept' | 'seen' | 'pair' | 'story';

export interface Goal {
  readonly kind: GoalKind;
  /** Unique. */
  readonly key: string;
  readonly words: string;
}

/** Goals by number, so that many thousands of edges can refer to theirs. */
export class Goals {
  readonly #byKey = new Map<string, number>();
  readonly #goals: Goal[] = [];

  /** `words` are made for a goal that is new: most have been seen before. */
  number(kind: GoalKind, rest: string, words: () => string): number {
    const key = `${kind} ${rest}`;
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#goals.length;
      this.#goals.push({ kind, key, words: words() });
      this.#byKey.set(key, number);
    }
    return number;
  }

  get(number: number): Goal {
    return this.#goals[number]!;
  }

  get size(): number {
    return this.#goals.length;
  }
}

/** What the step does, apart from the answers from disk and state machine that come with it. */
export const outlineOf = (transitions: readonly PathTransition[]): string => {
  const own = transitions.filter(({ event }) => event !== 'Persisted' && event !== 'Applied');
  const shown = own.length > 0 ? own : transitions;
  return shown
    .filter((each, at) => at === shown.length - 1 || !isHandingOn(each))
    .map(({ id }) => id)
    .join(' ');
};

/** A message of the current term goes on to the role, whether or not the time is noted with it. */
const isHandingOn = ({ event, guard }: PathTransition): boolean =>
  event === 'Received' && (guard === null || guard === 'keepsTime');

/** What the step finally does, in the words of the branch that did it. */
export const titleOf = (transitions: readonly PathTransition[]): string => {
  const own = transitions.filter(({ event }) => event !== 'Persisted' && event !== 'Applied');
  const last = (own.length > 0 ? own : transitions).at(-1);
  return last === undefined
    ? 'Nothing is enabled'
    : `${topOf(last.state)}: ${trimmed(last.description ?? last.id)}`;
};

/** A sentence without its full stop, or its first clause if it is long. */
const trimmed = (sentence: string): string => {
  const whole = sentence.replace(/\.$/, '');
  return whole.length <= maxClause ? whole : whole.replace(/[,:;].*/, '');
};

const maxClause = 44;

/** How the entries sent are cut into messages, to the first peer that gets any: `2 + 1 entries`. */
const batchesOf = (sent: readonly PathMessage[]): string => {
  const counts: number[] = [];
  let to = 0;
  for (const message of sent) {
    if (message.type !== 'AppendEntries' || message.entries.length === 0) continue;
    if (to === 0) to = message.to;
    if (message.to === to) counts.push(message.entries.length);
  }
  return counts.length === 0 ? '' : `${counts.join(' + ')} entries`;
};

/** Goals that a single step reaches. */
export const goalsOfStep = (
  goals: Goals,
  node: ModelNode,
  event: PathEvent,
  step: Pick<ModelStep, 'expect' | 'transitions'>,
): readonly number[] => {
  const { transitions } = step;
  const numbers = transitions.map(({ state, id, description }) =>
    goals.number('walk', `${state} ${id}`, () => `${state}: ${trimmed(description ?? id)}`),
  );
  const batches = batchesOf(step.expect.sent);
  if (batches !== '' && transitions.length > 0) {
    numbers.push(
      goals.number(
        'edge',
        `${transitions.at(-1)!.id} sends ${batches}`,
        () => `${titleOf(transitions)}: sends ${batches}`,
      ),
    );
  }
  const { snapshot } = node;
  const state = stateNameOf(snapshot);
  if (event.type === 'restart')
    return [...numbers, goals.number('restart', state, () => `A restart of a ${state}.`)];
  const outline = outlineOf(transitions);
  if (transitions.length === 0 && event.type !== 'durable' && event.type !== 'applied') {
    numbers.push(goals.number('nothing', `${state} ${event.type}`, () => 'Nothing happens.'));
  }
  const role = topOf(state);
  const { facets, isClose } = relationsOf(snapshot.context, event);
  const [gate, ...details] = facets;
  if (gate === undefined) return numbers;
  const what = event.type === 'deliver' ? `${event.message.type} ` : '';
  numbers.push(
    goals.number(
      'edge',
      `${role} ${outline} ${what}${gate}`,
      () => `${titleOf(transitions)}: ${what}${gate}`,
    ),
  );
  // What a message is compared with matters to the branch that handles it, however it got there.
  const last = outline.split(' ').at(-1)!;
  if (!isClose && !last.includes('AppendEntries/') && !last.includes('Vote/')) return numbers;
  for (const facet of details)
    numbers.push(goals.number('edge', `${last} ${facet}`, () => `${titleOf(transitions)}: ${facet}`));
  return numbers;
};
