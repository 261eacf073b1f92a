import { type ChartModel, type StateModel, stateOf, statesBelow, transitionsOf } from '../read/model.ts';
import { typeText } from '../read/notation.ts';
import { arrowLabel, groupArrows } from './arrow-labels.ts';
import { graphBlock, startBox, startsOf, toStart } from './graph-block.ts';
import type { GraphBox } from './graph-layout.ts';
import { legend } from './legend.ts';
import { type Block, frame, type Item, placeRuns, type Run, runsWidth, type Scene, shift } from './scene.ts';
import { type Links, stateBox } from './state-box.ts';
import type { Rectangle } from './ways.ts';

/** Every state nested as in the chart, every branch with its sentence, an arrow for each that leads to another state. */
export const full = async (chart: ChartModel, links: Links): Promise<Scene> => {
  const { root } = chart;
  const states = statesBelow(root);
  const blocks = new Map(
    states
      .filter((state) => !isFrame(state) || hasRules(state))
      .map((state) => {
        const title = isFrame(state) ? `any state of ${state.key}` : state.key;
        return [blockIdOf(state), stateBox(chart, state, { links, detail: 'full', isDeep: false, title })];
      }),
  );
  const starts = new Map(states.map((state) => [state, startsOf(state, (id) => id)]));
  const boxesOf = (state: StateModel): readonly GraphBox[] => {
    const own = blocks.get(blockIdOf(state));
    const box = own === undefined ? [] : [{ id: blockIdOf(state), width: own.width, height: own.height }];
    if (!isFrame(state)) return box;
    const inside = [...box, ...starts.get(state)!.map(startBox), ...state.states.flatMap(boxesOf)];
    const { width, height } = heading(state);
    // The chart itself is the whole picture.
    return state === root ? inside : [{ id: state.id, width, height, boxes: inside }];
  };
  const arrows = groupArrows(transitionsOf(chart), ({ source, targets }) =>
    targets
      .filter((target) => target !== source)
      .map((target) => ({ from: source === root.id ? blockIdOf(root) : source, to: target })),
  );
  const content = await graphBlock({
    boxes: boxesOf(root),
    blocks,
    arrows: arrows.flatMap((arrow) => toStart(arrow, root, starts.get(root)!)),
    labelOf: (arrow) => arrowLabel(arrow, links),
    starts: [...starts.values()].flat(),
    ground: (placed) =>
      states
        .filter((state) => isFrame(state) && state !== root)
        .flatMap((state) => frameItems(chart, state, placed.boxes.get(state.id)!)),
  });
  return frame(
    { title: `${chart.id}: every state and branch`, description: root.description ?? '' },
    content,
    legend(chart, 'full'),
  );
};

const isFrame = ({ states }: StateModel): boolean => states.length > 0;

/** The box of a state; of one that contains others, the box inside its frame that has its rules. */
const blockIdOf = (state: StateModel): string => (isFrame(state) ? `rules of ${state.id}` : state.id);

/** Regions have a dashed frame. */
const frameItems = (chart: ChartModel, state: StateModel, place: Rectangle): readonly Item[] => {
  const { x, y, width, height } = place;
  const isDashed = stateOf(chart, state.parent!).type === 'parallel';
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
      isDashed,
      ref: state.id,
    },
    ...shift(heading(state).items, x + 14, y + 8),
  ];
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
