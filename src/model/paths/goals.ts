import { stateName } from '../state-name.ts';
import type { ModelNode } from './model-node.ts';
import type { PathEvent, PathTransition } from './path.ts';
import { relationsOf } from './relations.ts';

/** What a path can be for. `walk`: a branch in a state; `edge`: a boundary of one. The others take several steps. */
export type GoalKind = 'walk' | 'nothing' | 'edge' | 'restart' | 'twice' | 'kept' | 'seen' | 'pair';

export interface Goal {
  readonly kind: GoalKind;
  /** Unique. */
  readonly key: string;
  readonly words: string;
}

/** Goals by number, so that many thousand edges can name theirs. */
export class Goals {
  readonly #byKey = new Map<string, number>();
  readonly #goals: Goal[] = [];

  number(kind: GoalKind, rest: string, words: string): number {
    const key = `${kind} ${rest}`;
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#goals.length;
      this.#goals.push({ kind, key, words });
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

/** What the step does, apart from the answers of disk and state machine that come with it. */
export const outlineOf = (transitions: readonly PathTransition[]): string => {
  const own = transitions.filter(({ event }) => event !== 'Persisted' && event !== 'Applied');
  return (own.length > 0 ? own : transitions).map(({ id }) => id).join(' ');
};

/** Goals that one step reaches by itself. */
export const goalsOfStep = (
  goals: Goals,
  node: ModelNode,
  event: PathEvent,
  transitions: readonly PathTransition[],
): readonly number[] => {
  const numbers = transitions.map(({ state, id, description }) =>
    goals.number('walk', `${state} ${id}`, description ?? id),
  );
  const { value, context } = node.snapshot;
  const state = stateName(value);
  if (event.type === 'restart') return [goals.number('restart', state, `A restart of a ${state}.`)];
  const outline = outlineOf(transitions);
  if (transitions.length === 0 && event.type !== 'durable' && event.type !== 'applied') {
    numbers.push(goals.number('nothing', `${state} ${event.type}`, 'Nothing happens.'));
  }
  const role = state.split('.')[0]!;
  const { facets, isClose } = relationsOf(context, event);
  const [gate, ...details] = facets;
  if (gate === undefined) return numbers;
  const what = event.type === 'deliver' ? `${event.message.type} ` : '';
  numbers.push(goals.number('edge', `${role} ${outline} ${what}${gate}`, gate));
  // What a message is compared with matters to the branch that handles it, whichever way it came there.
  const last = outline.split(' ').at(-1)!;
  if (!isClose && !last.includes('AppendEntries/') && !last.includes('Vote/')) return numbers;
  for (const facet of details) numbers.push(goals.number('edge', `${last} ${facet}`, facet));
  return numbers;
};
