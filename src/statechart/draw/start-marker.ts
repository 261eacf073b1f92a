import type { StateModel } from '../read/model.ts';
import type { GraphArrow, GraphBox, Placed } from './graph-layout.ts';
import type { Item } from './scene.ts';

/** The dot at which a chart or a compound state starts, and its arrow to the state that is entered first. */
export interface Start {
  readonly boxes: readonly GraphBox[];
  readonly arrows: readonly GraphArrow[];
}

const size = 12;

/** What starts in `state`; `boxOf` gives the box in which an entered state is drawn, null for none. */
export const startOf = (state: StateModel, boxOf: (id: string) => string | null): Start => {
  const ends = state.type === 'compound' ? state.initial.flatMap((id) => boxOf(id) ?? []) : [];
  if (ends.length === 0) return { boxes: [], arrows: [] };
  const id = `start of ${state.id}`;
  return {
    boxes: [{ id, width: size, height: size }],
    arrows: ends.map((to) => ({ id: `${id} -> ${to}`, from: id, to, label: null })),
  };
};

export const startItems = ({ boxes, arrows }: Start, placed: Placed): readonly Item[] => [
  ...arrows.map(({ id, to }): Item => {
    const { points } = placed.arrows.get(id)!;
    return { kind: 'arrow', points, paint: 'ink', ref: to };
  }),
  ...boxes.map(({ id }): Item => {
    const { x, y } = placed.boxes.get(id)!;
    return { kind: 'box', x, y, width: size, height: size, radius: size / 2, fill: 'ink' };
  }),
];
