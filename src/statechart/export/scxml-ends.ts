import type { StateModel } from '../read/model.ts';
import { callAt, expressionOf } from './scxml-calls.ts';
import type { ScxmlGuards } from './scxml-guards.ts';
import { scxmlId } from './scxml-names.ts';
import { attribute, element, inOneLine } from './xml-text.ts';

/** Where the document ends: at a final state of its own behind each state in which XState is done. */
export class ScxmlEnds {
  readonly #root: StateModel;
  readonly #guards: ScxmlGuards;

  constructor(root: StateModel, guards: ScxmlGuards) {
    this.#root = root;
    this.#guards = guards;
  }

  /** The final states of the document, which stand behind the root. */
  states(): readonly string[] {
    return this.#endings().flatMap(({ end }) =>
      element('final', [attribute('id', endOf(end))], donedataOf(this.#root, end)),
    );
  }

  /** XState is done in the step that enters a final state of the root. These come first, and without an event, so nothing is taken between. */
  waysOut(): readonly string[] {
    return this.#endings().map(({ condition, end }) =>
      inOneLine('transition', [attribute('cond', condition), attribute('target', endOf(end))]),
    );
  }

  /** When XState is done, and the state that the document is in at that time. */
  #endings(): readonly { readonly condition: string; readonly end: StateModel }[] {
    const root = this.#root;
    if (root.type !== 'compound' && root.type !== 'parallel') return [];
    const ends = root.type === 'compound' ? root.states.filter(({ type }) => type === 'final') : [root];
    return ends.flatMap((end) => {
      const condition = this.#guards.isDone(end);
      return condition === null ? [] : [{ condition, end }];
    });
  }
}

const endOf = (state: StateModel): string => `${scxmlId(state.id)}_xdone`;

/** What a state outputs that is done. A function that makes the output of the root is also given that of the final state. */
export const donedataOf = (state: StateModel, end: StateModel = state): readonly string[] => {
  const { id, output, parent } = state;
  if (output === null) return [];
  const made =
    parent === null && output.kind === 'function'
      ? callAt(`${id}/output`, end === state ? null : outputOf(end))
      : outputOf(state);
  return element('donedata', [], [inOneLine('content', [attribute('expr', made)])]);
};

const outputOf = ({ id, output }: StateModel): string =>
  output === null ? 'undefined' : expressionOf(output, `${id}/output`);
