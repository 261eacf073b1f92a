import {
  type ChartModel,
  type StateModel,
  stateOf,
  statesBelow,
  type TransitionModel,
  topStateOf,
  transitionsOf,
} from '../read/model.ts';
import { topStateNamed } from '../read/top-state.ts';
import { type ArrowGroup, arrowsBetweenTops, groupArrows } from './arrow-labels.ts';
import type { BoxView } from './view.ts';

/** What a view shows, before it is laid out: for formats that lay it out themselves. */
export interface Sketch {
  readonly boxes: readonly SketchBox[];
  readonly arrows: readonly ArrowGroup[];
  /** The state that the outermost boxes start in. */
  readonly initial: readonly string[];
}

export interface SketchBox {
  readonly state: StateModel;
  /** The rules that stand in the box, in order. */
  readonly rules: readonly TransitionModel[];
  readonly children: readonly SketchBox[];
}

/** Boxes and arrows of a view; the gate, which is a list of questions, is `gateSteps`. */
export const sketch = (chart: ChartModel, view: BoxView): Sketch => {
  const { root } = chart;
  const all = transitionsOf(chart);
  if (view.kind === 'full') {
    return {
      boxes: [flat(root), ...root.states.map(nested)],
      arrows: groupArrows(all, ({ source, targets }) => targets.map((to) => ({ from: source, to }))),
      initial: root.initial,
    };
  }
  const top = (id: string) => topStateOf(chart, id)?.id ?? root.id;
  if (view.kind === 'overview' || view.kind === 'outline') {
    const boxes = [flat(root), ...root.states.map(gathered)];
    return {
      boxes: view.kind === 'outline' ? boxes.map(({ state }) => bare(state)) : boxes,
      arrows: arrowsBetweenTops(chart),
      initial: root.initial,
    };
  }
  const state = topStateNamed(chart, view.name);
  const inside = new Set(statesBelow(state).map(({ id }) => id));
  const touching = all.filter(
    ({ source, targets }) => inside.has(source) || targets.some((target) => inside.has(target)),
  );
  const end = (id: string) => (inside.has(id) ? id : top(id));
  const arrows = groupArrows(touching, ({ source, targets }) =>
    targets
      .filter((target) => inside.has(target) || inside.has(source))
      .map((target) => ({ from: end(source), to: end(target) })),
  );
  const strangers = new Set(arrows.flatMap(({ from, to }) => [from, to]).filter((id) => !inside.has(id)));
  return {
    boxes: [
      nested(state),
      ...[...strangers].map((id) => ({ state: stateOf(chart, id), rules: [], children: [] })),
    ],
    arrows,
    initial: [],
  };
};

const bare = (state: StateModel): SketchBox => ({ state, rules: [], children: [] });

/** The boxes that are worth drawing: that of the root only where it has something to say, or is all there is. */
export const shownBoxes = (chart: ChartModel, { boxes }: Sketch, view: BoxView): readonly SketchBox[] =>
  boxes.filter(
    ({ state }) =>
      state.id !== chart.root.id ||
      view.kind === 'state' ||
      state.states.length === 0 ||
      [...state.transitions, ...state.entry, ...state.exit, ...state.invokes].length > 0,
  );

const flat = (state: StateModel): SketchBox => ({ state, rules: state.transitions, children: [] });

const nested = (state: StateModel): SketchBox => ({
  state,
  rules: state.transitions,
  children: state.states.map(nested),
});

const gathered = (state: StateModel): SketchBox => ({
  state,
  rules: statesBelow(state).flatMap(({ transitions }) => transitions),
  children: [],
});
