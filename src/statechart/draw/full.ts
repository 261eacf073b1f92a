import { type ChartModel, type StateModel, stateOf, statesBelow, transitionsOf } from '../read/model.ts';
import { typeText } from '../read/notation.ts';
import { arrowLabel, arrowOf, groupArrows } from './arrow-labels.ts';
import { type GraphBox, layoutGraph } from './graph-layout.ts';
import { legend } from './legend.ts';
import {
  type Block,
  centred,
  frame,
  type Item,
  placeRuns,
  type Run,
  runsWidth,
  type Scene,
  shift,
} from './scene.ts';
import { startItems, startOf } from './start-marker.ts';
import { type Links, stateBox } from './state-box.ts';

/** Every state nested as in the chart, every branch with its sentence, an arrow for each that leads to another state. */
export const full = async (chart: ChartModel, links: Links): Promise<Scene> => {
  const states = statesBelow(chart.root);
  const boxes = new Map(
    states
      .filter((state) => state.states.length === 0 || hasRules(state))
      .map((state) => [
        state.id,
        stateBox(chart, state, {
          links,
          detail: 'full',
          isDeep: false,
          title: state.states.length === 0 ? state.key : `any state of ${state.key}`,
        }),
      ]),
  );
  const headings = new Map(states.map((state) => [state.id, heading(state)]));
  const groups = groupArrows(transitionsOf(chart), ({ source, targets }) =>
    targets.filter((target) => target !== source).map((target) => ({ from: source, to: target })),
  );
  const labels = new Map(groups.map((group) => [group.id, arrowLabel(group, links)]));
  const starts = states.map((state) => startOf(state, (id) => id));
  const boxOf = (state: StateModel): GraphBox => {
    const own = boxes.get(state.id);
    if (state.states.length === 0) return { id: state.id, width: own!.width, height: own!.height };
    const { width, height } = headings.get(state.id)!;
    return { id: state.id, width, height, boxes: insideOf(state) };
  };
  const insideOf = (state: StateModel): readonly GraphBox[] => {
    const own = boxes.get(state.id);
    return [
      ...(own === undefined || state.states.length === 0
        ? []
        : [{ id: rulesOf(state.id), width: own.width, height: own.height }]),
      ...starts[states.indexOf(state)]!.boxes,
      ...state.states.map(boxOf),
    ];
  };
  const isFrame = (id: string) => id !== chart.root.id && stateOf(chart, id).states.length > 0;
  const endOf = (id: string) => (id === chart.root.id ? rulesOf(id) : id);
  const placed = await layoutGraph({
    boxes: chart.root.states.length === 0 ? [boxOf(chart.root)] : insideOf(chart.root),
    arrows: [
      ...starts.flatMap(({ arrows }) => arrows),
      ...groups.map(({ id, from, to }) => ({ id, from: endOf(from), to: endOf(to), label: labels.get(id)! })),
    ],
  });
  const frames = states
    .filter(({ id }) => isFrame(id))
    .flatMap(({ id, parent }): readonly Item[] => {
      const { x, y, width, height } = placed.boxes.get(id)!;
      const isRegion = parent !== null && stateOf(chart, parent).type === 'parallel';
      return [
        {
          kind: 'box',
          x,
          y,
          width,
          height,
          radius: 9,
          fill: 'band',
          stroke: 'line',
          strokeWidth: 1.6,
          isDashed: isRegion,
          ref: id,
        },
        ...shift(headings.get(id)!.items, x + 14, y + 8),
      ];
    });
  const placeOf = (id: string) =>
    placed.boxes.get(
      isFrame(id) || (id === chart.root.id && chart.root.states.length > 0) ? rulesOf(id) : id,
    )!;
  const content: Item[] = [
    ...frames,
    ...starts.flatMap((start) => startItems(start, placed)),
    ...groups.map((group) => arrowOf(group, placed.arrows.get(group.id)!.points)),
    ...[...boxes].flatMap(([id, block]) => shift(block.items, placeOf(id).x, placeOf(id).y)),
    ...groups.flatMap(({ id }) => centred(labels.get(id)!, placed.arrows.get(id)!.label)),
  ];
  return frame(
    { title: `${chart.id}: every state and branch`, description: chart.root.description ?? '' },
    { width: placed.width, height: placed.height, items: content },
    legend(chart, 'full'),
  );
};

/** The box with the rules of a state that contains others. */
const rulesOf = (id: string): string => `rules of ${id}`;

/** A state that contains others has a box of its own for its text; the chart itself, whose name is the title, has one only for its rules. */
const hasRules = (state: StateModel): boolean =>
  state.transitions.length + state.entry.length + state.exit.length + state.invokes.length > 0 ||
  (state.parent !== null && state.description !== null);

const heading = (state: StateModel): Block => {
  const runs: readonly Run[] = [
    { text: state.key, face: 'strong', paint: 'ink', size: 15 },
    { text: typeText(state) === '' ? '' : `  ${typeText(state)}`, face: 'prose', paint: 'faint', size: 11 },
  ];
  return { width: runsWidth(runs), height: 22, items: placeRuns(runs, 0, 15, state.id) };
};
