import { type ChartModel, type StateModel, stateOf, statesBelow, transitionsOf } from '../read/model.ts';
import { typeText } from '../read/notation.ts';
import { arrowLabel, arrowOf, groupArrows } from './arrow-labels.ts';
import { type GraphCluster, layoutGraph } from './graph-layout.ts';
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
  const nodeOf = (id: string): string =>
    boxes.has(id) ? id : nodeOf(stateOf(chart, id).initial[0] ?? stateOf(chart, id).states[0]!.id);
  const isFrame = (id: string) => id !== chart.root.id && stateOf(chart, id).states.length > 0;
  const holds = (id: string, inner: string) =>
    statesBelow(stateOf(chart, id)).some((each) => each.id === inner);
  const cluster = (state: StateModel): GraphCluster => ({
    id: state.id,
    label: headings.get(state.id)!,
    nodes: [
      ...(boxes.has(state.id) ? [state.id] : []),
      ...state.states.filter(({ states: inner }) => inner.length === 0).map(({ id }) => id),
    ],
    clusters: state.states.filter(({ states: inner }) => inner.length > 0).map(cluster),
  });
  const placed = await layoutGraph({
    nodes: [...boxes].map(([id, { width, height }]) => ({ id, width, height })),
    edges: groups.map(({ id, from, to }) => ({
      id,
      from: nodeOf(from),
      to: nodeOf(to),
      label: labels.get(id)!,
      ...(isFrame(to) && !holds(to, from) ? { toCluster: to } : {}),
      ...(isFrame(from) && !holds(from, to) ? { fromCluster: from } : {}),
    })),
    clusters: chart.root.states.filter(({ states: inner }) => inner.length > 0).map(cluster),
  });
  const frames = [...placed.clusters].flatMap(([id, { x, y, width, height }]): readonly Item[] => [
    { kind: 'box', x, y, width, height, radius: 9, fill: 'band', stroke: 'line', strokeWidth: 1.6, ref: id },
    ...shift(headings.get(id)!.items, x + 14, y + 8),
  ]);
  const content: Item[] = [
    ...frames,
    ...groups.map((group) => arrowOf(group, placed.edges.get(group.id)!.points)),
    ...[...boxes].flatMap(([id, block]) =>
      shift(block.items, placed.nodes.get(id)!.x, placed.nodes.get(id)!.y),
    ),
    ...groups.flatMap(({ id }) => centred(labels.get(id)!, placed.edges.get(id)!.label)),
  ];
  return frame(
    { title: `${chart.id}: every state and branch`, description: chart.root.description ?? '' },
    { width: placed.width, height: placed.height, items: content },
    legend(chart, 'full'),
  );
};

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
