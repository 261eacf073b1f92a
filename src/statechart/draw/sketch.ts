import {
  type ChartModel,
  changesTopState,
  type StateModel,
  stateOf,
  statesBelow,
  type TransitionModel,
  topStateOf,
  transitionsOf,
} from '../read/model.ts';
import { topStateNamed } from '../read/top-state.ts';
import { type ArrowGroup, groupArrows } from './arrow-labels.ts';
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
  const between = (transition: TransitionModel) =>
    transition.targets.map((target) => ({ from: top(transition.source), to: top(target) }));
  if (view.kind === 'overview' || view.kind === 'outline') {
    const box = view.kind === 'outline' ? bare : gathered;
    return {
      boxes: [view.kind === 'outline' ? bare(root) : flat(root), ...root.states.map(box)],
      arrows: groupArrows(
        all.filter((transition) => changesTopState(chart, transition)),
        between,
      ),
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
